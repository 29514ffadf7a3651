using System.IO.Compression;
using System.Text;
using DiffBir.Conditioning;

namespace DiffBir.Tests.Conditioning;

/// <summary>Vocabulary files: CLIP's, where it is at hand, and made-up ones of the same form.</summary>
internal static class TestVocabulary
{
    /// <summary>CLIP's own file; only in tests that are skipped without the ground truth.</summary>
    public static string OfficialPath => Support.Parity.PathOf("clip/bpe_simple_vocab_16e6.txt.gz");

    /// <summary>As many merges as CLIP's, each of two printable bytes.</summary>
    public static string[] MadeUpMerges()
    {
        var bytes = Enumerable
            .Range(0, 512)
            .Select(code => (char)code)
            .Where(IsByte)
            .Select(character => character.ToString())
            .ToArray();
        return [.. bytes.SelectMany(first => bytes, (first, second) => $"{first} {second}").Take(ClipVocabulary.MergeCount)];
    }

    /// <summary>A file of these lines.</summary>
    public static byte[] Pack(IEnumerable<string> merges, string version = "#version: 0.2")
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', merges.Prepend(version)) + "\n"));
        }

        return packed.ToArray();
    }

    // The 256 characters that stand for bytes: those from 0 to 511 that are printable, less the soft hyphen.
    private static bool IsByte(char character) =>
        character is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ') or (>= '\u0100' and < '\u0144');
}
