using System.IO.Compression;
using DiffBir.Conditioning;

namespace DiffBir.Tests.Conditioning;

public sealed class ClipVocabularyTests
{
    private static readonly string[] Merges = TestVocabulary.MadeUpMerges();

    [Fact]
    public void A_token_s_id_follows_from_its_place_in_the_file()
    {
        var vocabulary = Read(TestVocabulary.Pack(Merges));

        vocabulary.Ids.Count.ShouldBe(ClipTokenizer.VocabularySize - 2);
        vocabulary.Ids["!"].ShouldBe(0);
        vocabulary.Ids["\u0100"].ShouldBe(188); // byte 0, behind the 188 printable ones
        vocabulary.Ids["!</w>"].ShouldBe(256);
        vocabulary.Ids[Merges[0].Replace(" ", "")].ShouldBe(512);
        vocabulary.Ids[Merges[^1].Replace(" ", "")].ShouldBe(ClipTokenizer.VocabularySize - 3);
    }

    [Fact]
    public void Lines_behind_those_that_CLIP_uses_are_ignored() =>
        Read(TestVocabulary.Pack(Merges.Append("anything at all"))).Merges.Count.ShouldBe(ClipVocabulary.MergeCount);

    [Fact]
    public void A_file_with_too_few_merges_is_refused() =>
        Refusal(TestVocabulary.Pack(Merges[..^1]))
            .ShouldBe(
                "vocabulary.gz cannot be used as CLIP's vocabulary: it ends after 48893 merges, and 48894 are needed. "
                    + "Use the file bpe_simple_vocab_16e6.txt.gz of the CLIP project."
            );

    [Theory]
    [InlineData("ab")]
    [InlineData("a b c")]
    [InlineData("a  b")]
    [InlineData("")]
    [InlineData("zzz y")]
    [InlineData("! !")]
    [InlineData("a \u4E2D")]
    public void A_line_that_is_no_new_merge_is_named(string line)
    {
        var merges = Merges.ToArray();
        merges[1000] = line;

        Refusal(TestVocabulary.Pack(merges)).ShouldContain("line 1002 is not a new merge");
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = TestVocabulary.Pack(Merges);

        for (var cut = 0; cut < whole.Length; cut += Math.Max(1, whole.Length / 40))
        {
            Refusal(whole[..cut]).ShouldContain("cannot be used as CLIP's vocabulary");
        }

        for (var missing = 1; missing <= 8; missing++)
        {
            Refusal(whole[..^missing]).ShouldContain("it is cut off");
        }
    }

    [Fact]
    public void A_damaged_checksum_is_noticed()
    {
        var bytes = TestVocabulary.Pack(Merges);
        bytes[^6] ^= 1;

        Refusal(bytes).ShouldContain("not a gzip file or is damaged");
    }

    [Fact]
    public void Something_else_than_gzip_is_refused() => Refusal("#version: 0.2\n"u8.ToArray()).ShouldContain("not a gzip file");

    [Fact]
    public void A_gzip_bomb_is_refused_at_the_limit()
    {
        var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var count = 0; count < 17; count++)
            {
                gzip.Write(zeros);
            }
        }

        Refusal(bomb.ToArray()).ShouldContain("it has more than 16 MiB");
    }

    [Fact]
    public void An_endless_stream_is_refused_at_the_limit()
    {
        using var endless = new EndlessStream();

        Should.Throw<DiffBirException>(() => ClipVocabulary.Read(endless, "stream")).Message.ShouldContain("more than 4 MiB");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Should
            .Throw<DiffBirException>(() => ClipTokenizer.Load("no-such-file.gz"))
            .Message.ShouldStartWith("The tokenizer's vocabulary no-such-file.gz cannot be read:");

    private static ClipVocabulary Read(byte[] file) => ClipVocabulary.Read(new MemoryStream(file), "vocabulary.gz");

    private static string Refusal(byte[] file) => Should.Throw<DiffBirException>(() => Read(file)).Message;

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
