using System.Text.Encodings.Web;
using System.Text.Json;

namespace DiffBir.Tests.Primitives;

public sealed class PrintableTests
{
    private static readonly JsonSerializerOptions Raw = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What steers a terminal, turns the direction of a text, or cannot be seen.</summary>
    public static TheoryData<string> Harmful =>
        new(
            "\u001b", // escape
            "\a", // bell
            "\b",
            "\r",
            "\n",
            "\0",
            "\u007f",
            "\u009b", // the one-character form of escape and bracket
            "\u2028", // line separator
            "\u202e", // right-to-left override
            "\u2066", // left-to-right isolate
            "\u200e", // left-to-right mark
            "\u061c", // Arabic letter mark
            "\u200b", // zero-width space
            "\ufeff",
            "\u00ad", // soft hyphen
            "\U000e0041" // a tag
        );

    [Theory]
    [MemberData(nameof(Harmful))]
    public void What_steers_a_terminal_becomes_a_question_mark(string harmful) => Printable.Line($"a{harmful}b").ShouldBe("a?b");

    [Theory]
    [InlineData("größe 測試 שלום नमस्ते")]
    [InlineData("👩\u200d👩\u200d👧.png")]
    [InlineData("می\u200cخواهم")]
    public void Letters_of_every_script_stay(string text) => Printable.Line(text).ShouldBe(text);

    [Theory]
    [InlineData("a\r\nb\tc\n", "a\r\nb\tc\n")]
    [InlineData("a\rb\n\u001b[31mc", "a?b\n?[31mc")]
    public void Several_lines_stay_lines(string text, string expected) => Printable.Lines(text).ShouldBe(expected);

    [Fact]
    public void A_long_text_is_cut_between_two_letters() =>
        Printable.Shorten(new string('a', 79) + "😀😀").ShouldBe(new string('a', 79) + "😀…");

    [Theory]
    [MemberData(nameof(Harmful))]
    public void Json_says_the_same_in_escapes(string harmful)
    {
        var json = JsonSerializer.Serialize(new[] { $"a{harmful}b" }, Raw);

        var harmless = Printable.Json(json);

        Printable.Line(harmless).ShouldBe(harmless);
        JsonSerializer.Deserialize<string[]>(harmless).ShouldBe([$"a{harmful}b"]);
    }
}
