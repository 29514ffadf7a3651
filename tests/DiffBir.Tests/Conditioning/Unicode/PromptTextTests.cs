using System.Text.Json;
using DiffBir.Conditioning.Unicode;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Conditioning.Unicode;

public sealed class PromptTextTests
{
    private const int HostileLength = 1 << 18; // characters

    /// <summary>Far above what any prompt of this length takes, and far below what a quadratic step would.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void Prompts_are_cleaned_as_the_original_cleans_them()
    {
        foreach (var row in GoldenPrompts.Read())
        {
            PromptText.Clean(row.Prompt).ShouldBe(row.Cleaned, row.Prompt);
        }
    }

    [Theory]
    [InlineData("  a\tb\r\nc\u00A0\u2003d  ", "a b c d")]
    [InlineData("“curly” ‘quotes’ ŉ", "\"curly\" 'quotes' 'n")]
    [InlineData("oﬃce Ǆ", "office dž")]
    [InlineData("ＡＢＣ　１２！ ｶﾞ ￥ ￣", "abc 12! ガ ¥ \u0304")]
    [InlineData("\u001B[31;1mred\u001B[0m \u001B[ \u0007bell", "red [ bell")]
    [InlineData("a\uFEFFb\uFFF9c\u206Ad", "abcd")]
    [InlineData("\uD83D\uDE00", "\uD83D\uDE00")]
    [InlineData("\u0093quoted\u0094 \u0080", "\"quoted\" €")]
    public void Characters_are_repaired(string prompt, string cleaned) => PromptText.Clean(prompt).ShouldBe(cleaned);

    // Attributes are stored as UTF-8 and cannot hold these.
    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character() =>
        PromptText.Clean("\uD800 x \uDC00").ShouldBe("\uFFFD x \uFFFD");

    [Theory]
    [InlineData("&lt;b&gt; &amp;amp; &quot;", "<b> & \"")]
    [InlineData("&#233; &#xE9; &#XE9; &#233 &eacute", "é é é é é")]
    [InlineData("&EACUTE; &AMP; &COPY", "é & ©")]
    [InlineData("<b>&EACUTE; &AMP;</b>", "<b>&eacute; &</b>")]
    [InlineData("&#0; &#xD800; &#x110000; &#99999999999999999999;", "\uFFFD \uFFFD \uFFFD \uFFFD")]
    [InlineData("&#128; &#1; &#xFFFF;x", "€ x")]
    [InlineData("&notit &nosuchname; & &; &# &#x; &#xg", "¬it &nosuchname; & &; &# &#x; &#xg")]
    public void Character_references_are_replaced(string prompt, string cleaned) => PromptText.Clean(prompt).ShouldBe(cleaned);

    [Theory]
    [InlineData("cafÃ©", "café")]
    [InlineData("â€œhiâ€\u009D â€¦", "\"hi\" …")]
    [InlineData("cafÃƒÂ©", "café")]
    [InlineData("日本 cafÃ© 한국", "日本 café 한국")]
    [InlineData("ðŸ˜€", "\uD83D\uDE00")]
    [InlineData("voilÃ le chat", "voilà le chat")]
    [InlineData("&Atilde;&copy;", "é")]
    public void Garbled_text_is_repaired(string prompt, string cleaned) => PromptText.Clean(prompt).ShouldBe(cleaned);

    [Theory]
    [InlineData("AMANHÃ… às três")]
    [InlineData("der Spaß… „Gruß“")]
    [InlineData("CAFÉ™ à la carte")]
    [InlineData("« PÂTÉ » déjà»")]
    [InlineData("¿Qué? Nº 5 2ª ½ £5 20°C")]
    public void Accents_beside_symbols_are_left_alone(string prompt) => PromptText.Clean(prompt).ShouldBe(Plain(prompt));

    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("e\u0302\u0323", "ệ")] // marks are sorted before they are joined
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("\uAC00\u11A8", "각")]
    [InlineData("\u212B \u2126 \uF900", "Å Ω 豈")]
    [InlineData("\u0958", "\u0915\u093C")] // never composed
    [InlineData("a\u0345\u0301", "á\u0345")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    public void Text_is_brought_to_normalization_form_C(string text, string composed) =>
        CanonicalComposition.Apply(text).ShouldBe(composed);

    [Theory]
    [InlineData("İSTANBUL", "i\u0307stanbul")]
    [InlineData("ΟΔΟΣ ΣΟΦΟΣ, Σ", "οδος σοφος, σ")]
    [InlineData("STRAẞE \uD801\uDC00", "straße \uD801\uDC28")]
    public void Lower_case_follows_Unicode_s_full_rules(string prompt, string cleaned) =>
        PromptText.Clean(prompt).ShouldBe(cleaned);

    [Theory]
    [MemberData(nameof(HostilePrompts))]
    public void A_hostile_prompt_of_great_length_takes_no_time(string unit)
    {
        var prompt = string.Concat(Enumerable.Repeat(unit, HostileLength / unit.Length));
        var watch = System.Diagnostics.Stopwatch.StartNew();

        PromptText.Clean(prompt);

        watch.Elapsed.ShouldBeLessThan(Patience);
    }

    public static TheoryData<string> HostilePrompts() =>
        [
            "a",
            " ",
            "&",
            "&amp;",
            "&amp;amp;amp;amp;",
            "&#1",
            "&abcdefghijklmnopqrstuvwxyzabcdefgh",
            "Ã",
            "Ã©",
            "ÃƒÂ©",
            "\u001B[1;",
            "Σ'",
            "\u0301\u0323",
            "한",
            "<",
        ];

    [Fact]
    public void Any_string_of_characters_can_be_cleaned()
    {
        // A linear congruential generator is enough to meet lone surrogates and every kind of character.
        var state = 12345u;
        for (var count = 0; count < 2000; count++)
        {
            var characters = new char[40];
            for (var index = 0; index < characters.Length; index++)
            {
                state = (state * 1664525) + 1013904223;
                var isAscii = (state & 0x3000) == 0;
                characters[index] = (char)(isAscii ? (state >> 16) & 0x7F : state >> 16);
            }

            var cleaned = PromptText.Clean(new string(characters));

            cleaned.ShouldNotContain('\0');
            cleaned.EnumerateRunes().All(rune => rune.Value != 0xFFFD || characters.Any(char.IsSurrogate)).ShouldBeTrue();
        }
    }

    private static string Plain(string text) => text.ToLowerInvariant().Replace('„', '"').Replace('“', '"');
}

/// <summary>Prompts with what the original made of them: its own fixtures, and the same sentences in many forms of damage.</summary>
internal static class GoldenPrompts
{
    /// <summary>Tokens beyond these cannot reach the context, and are not stored.</summary>
    public const int StoredTokens = 76;

    public static Row[] Read() =>
        JsonSerializer.Deserialize<Row[]>(File.ReadAllBytes(Golden.PathOf("prompts.json")), JsonSerializerOptions.Web)!;

    public sealed record Row(string Prompt, string Cleaned, int[] Tokens);
}
