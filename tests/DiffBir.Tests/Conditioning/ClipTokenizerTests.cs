using System.Text;
using System.Text.Json;
using DiffBir.Conditioning;
using DiffBir.Conditioning.Unicode;
using DiffBir.Tests.Conditioning.Unicode;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Conditioning;

public sealed class ClipTokenizerTests
{
    private const int HostileLength = 1 << 18; // characters

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // see PromptTextTests

    private static readonly Lazy<ClipTokenizer> Official = new(() => ClipTokenizer.Load(TestVocabulary.OfficialPath));

    private static readonly Lazy<ClipTokenizer> MadeUp = new(() =>
        ClipTokenizer.Load(new MemoryStream(TestVocabulary.Pack(TestVocabulary.MadeUpMerges())), "vocabulary.gz")
    );

    [ParityFact]
    public void Every_prompt_gives_the_original_s_77_ids()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Parity.PathOf("parity/fixtures/tokenizer.json")));
        var expected = Parity.Fixture("tokenizer").Doubles("all/ids");
        var rows = file.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        rows.Length.ShouldBe(34);

        for (var index = 0; index < rows.Length; index++)
        {
            var prompt = rows[index].GetProperty("prompt").GetString()!;
            var ids = Official.Value.Encode(prompt).Ids;

            ids.ShouldBe(Integers(rows[index].GetProperty("ids")), prompt);
            ids.Select(id => (double)id).ShouldBe(expected.Skip(index * 77).Take(77), $"row {index}");
            Official
                .Value.EncodeText(PromptText.Clean(prompt), int.MaxValue)
                .ToArray()
                .ShouldBe(Integers(rows[index].GetProperty("bpe")), prompt);
        }
    }

    [ParityFact]
    public void Cleaned_prompts_give_the_original_s_tokens()
    {
        foreach (var row in GoldenPrompts.Read())
        {
            Official
                .Value.EncodeText(row.Cleaned, GoldenPrompts.StoredTokens)
                .Take(GoldenPrompts.StoredTokens)
                .ToArray()
                .ShouldBe(row.Tokens, row.Prompt);
        }
    }

    [ParityFact]
    public void Words_are_merged_as_by_the_textbook()
    {
        var vocabulary = ClipVocabulary.Read(File.OpenRead(TestVocabulary.OfficialPath), "vocabulary");
        var textbook = new TextbookBytePairs(vocabulary);
        var state = 7u;
        for (var count = 0; count < 500; count++)
        {
            var word = new StringBuilder();
            for (var length = 1 + (count % 30); length > 0; length--)
            {
                state = (state * 1664525) + 1013904223;
                word.Append((char)('a' + ((state >> 16) % (count % 2 == 0 ? 26u : 4u))));
            }

            Official
                .Value.EncodeText(word.ToString(), int.MaxValue)
                .ToArray()
                .ShouldBe(textbook.Encode(word.ToString()), word.ToString());
        }
    }

    [Fact]
    public void An_empty_prompt_is_start_end_and_padding()
    {
        var (ids, isCut) = MadeUp.Value.Encode("");

        ids.ShouldBe([49406, 49407, .. new int[75]]);
        isCut.ShouldBeFalse();
    }

    [Theory]
    [InlineData(75, false)]
    [InlineData(76, true)]
    [InlineData(500, true)]
    public void A_prompt_beyond_75_tokens_is_cut_and_says_so(int digits, bool isCut)
    {
        var prompt = MadeUp.Value.Encode(new string('7', digits));

        prompt.IsCut.ShouldBe(isCut);
        prompt.Ids.Count.ShouldBe(ClipTokenizer.ContextLength);
        prompt.Ids[^1].ShouldBe(ClipTokenizer.EndOfText);
        prompt.Ids[^2].ShouldBe(prompt.Ids[1]);
    }

    [Fact]
    public void The_special_tokens_can_be_written_out() =>
        MadeUp
            .Value.Encode("<START_OF_TEXT>9<end_of_text>")
            .Ids.Take(5)
            .ShouldBe([49406, 49406, MadeUp.Value.Encode("9").Ids[1], 49407, 49407]);

    [Theory]
    [InlineData("it's they'll 80's", "it,'s,they,'ll,8,0,'s")]
    [InlineData("a1b2,c!? 'd", "a,1,b,2,,,c,!?,'d")]
    [InlineData("x\uD835\uDC1A\uD835\uDFCE\uD83D\uDE00!", "x\uD835\uDC1A,\uD835\uDFCE,\uD83D\uDE00!")]
    [InlineData("!'s", "!',s")]
    [InlineData("ä½\u0301é", "ä,½,\u0301,é")]
    public void Text_is_split_into_words_digits_and_symbols(string text, string pieces) =>
        string.Join(',', ClipWords.Split(text)).ShouldBe(pieces);

    [Theory]
    [InlineData("a")]
    [InlineData("한")]
    [InlineData("!")]
    [InlineData("\uD83D\uDE00")]
    public void A_word_of_great_length_takes_no_time(string unit)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();

        var prompt = MadeUp.Value.Encode("x" + string.Concat(Enumerable.Repeat(unit, HostileLength / unit.Length)));

        prompt.IsCut.ShouldBeTrue();
        watch.Elapsed.ShouldBeLessThan(Patience);
    }

    [Fact]
    public void Threads_may_share_a_tokenizer()
    {
        string[] prompts = [.. Enumerable.Range(0, 200).Select(index => $"prompt {index} of many")];
        var alone = prompts.Select(prompt => MadeUp.Value.Encode(prompt).Ids.ToArray()).ToArray();

        Parallel.For(0, prompts.Length, index => MadeUp.Value.Encode(prompts[index]).Ids.ShouldBe(alone[index]));
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetInt32())];

    /// <summary>Byte pair encoding as in the paper (Sennrich et al., arXiv 1508.07909): join the best pair everywhere, repeat.</summary>
    private sealed class TextbookBytePairs(ClipVocabulary vocabulary)
    {
        private readonly Dictionary<string, int> _ranks = vocabulary
            .Merges.Select((merge, rank) => (merge, rank))
            .ToDictionary(pair => pair.merge, pair => pair.rank);

        public int[] Encode(string word)
        {
            List<string> parts = [.. word.Select(letter => letter.ToString())];
            parts[^1] += ClipVocabulary.EndOfWord;
            while (Best(parts) is { } best)
            {
                for (var index = 0; index + 1 < parts.Count; index++)
                {
                    if ($"{parts[index]} {parts[index + 1]}" == best)
                    {
                        parts[index] += parts[index + 1];
                        parts.RemoveAt(index + 1);
                    }
                }
            }

            return [.. parts.Select(part => vocabulary.Ids[part])];
        }

        private string? Best(List<string> parts) =>
            parts
                .Zip(parts.Skip(1), (first, second) => $"{first} {second}")
                .Where(_ranks.ContainsKey)
                .MinBy(pair => _ranks[pair]);
    }
}
