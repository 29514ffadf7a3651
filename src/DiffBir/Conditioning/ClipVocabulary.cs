using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DiffBir.Conditioning;

/// <summary>Reads CLIP's list of byte pair merges (<c>bpe_simple_vocab_16e6.txt.gz</c>).</summary>
/// <remarks>
/// A token's id follows from its place: 256 bytes, the same bytes at a word's end, the merges in order, then the two special
/// tokens. The file is somebody else's and is checked line by line.
/// </remarks>
internal sealed class ClipVocabulary
{
    /// <summary>What the byte pair tables append to the last piece of a word.</summary>
    public const string EndOfWord = "</w>";

    /// <summary>The merges that CLIP uses: its vocabulary has 49,408 tokens.</summary>
    public const int MergeCount = 49408 - (2 * ByteCount) - SpecialCount;

    private const int ByteCount = 256;
    private const int SpecialCount = 2;

    // The official file has 1.36 MB, and 3.19 MB unpacked.
    private const int MaxPackedBytes = 4 << 20;
    private const int MaxUnpackedBytes = 16 << 20;

    private ClipVocabulary(Dictionary<string, int> ids, List<string> merges)
    {
        Ids = ids;
        Merges = merges;
    }

    /// <summary>The id of each token, the special ones excepted.</summary>
    public IReadOnlyDictionary<string, int> Ids { get; }

    /// <summary>The merges, best first: two tokens with a space between.</summary>
    public IReadOnlyList<string> Merges { get; }

    /// <summary>Reads the vocabulary.</summary>
    /// <param name="stream">The gzip file, from its start.</param>
    /// <param name="name">What to call the file in messages.</param>
    /// <exception cref="DiffBirException">It is not the vocabulary of CLIP, or it is damaged.</exception>
    public static ClipVocabulary Read(Stream stream, string name)
    {
        using var reader = new StreamReader(Unpack(stream, name), Encoding.UTF8);
        reader.ReadLine(); // the version

        var ids = InitialTokens();
        var merges = new List<string>(MergeCount);
        while (merges.Count < MergeCount)
        {
            var line =
                reader.ReadLine() ?? throw Unusable(name, $"it ends after {merges.Count} merges, and {MergeCount} are needed");
            var parts = line.Split(' ');
            if (
                parts is not [var first, var second]
                || !ids.ContainsKey(first)
                || !ids.ContainsKey(second)
                || !ids.TryAdd(first + second, ids.Count)
            )
            {
                throw Unusable(name, $"line {merges.Count + 2} is not a new merge of two known tokens");
            }

            merges.Add(line);
        }

        return new ClipVocabulary(ids, merges);
    }

    private static MemoryStream Unpack(Stream stream, string name)
    {
        using var packed = new MemoryStream();
        var unpacked = new MemoryStream();
        try
        {
            CopyAtMost(MaxPackedBytes, stream, packed, name);
            packed.Position = 0;
            using var gzip = new GZipStream(packed, CompressionMode.Decompress);
            CopyAtMost(MaxUnpackedBytes, gzip, unpacked, name);
        }
        catch (InvalidDataException exception)
        {
            throw Unusable(name, "it is not a gzip file or is damaged", exception);
        }

        // GZipStream does not mind a file that was cut off; the size at its end tells.
        var bytes = packed.ToArray().AsSpan();
        if (bytes.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]) != unpacked.Length)
        {
            throw Unusable(name, "it is cut off");
        }

        unpacked.Position = 0;
        return unpacked;
    }

    private static void CopyAtMost(int limit, Stream source, MemoryStream target, string name)
    {
        var buffer = new byte[81920];
        while (source.Read(buffer) is > 0 and var count)
        {
            if (target.Length + count > limit)
            {
                throw Unusable(name, $"it has more than {limit >> 20} MiB");
            }

            target.Write(buffer, 0, count);
        }
    }

    private static Dictionary<string, int> InitialTokens()
    {
        // Printable bytes stand for themselves and come first; the others are written as the characters from U+0100 on.
        var printable = Enumerable.Range(0, ByteCount).Where(IsPrintable).ToArray();
        var others = Enumerable.Range(ByteCount, ByteCount - printable.Length);
        var ids = new Dictionary<string, int>(MergeCount + (2 * ByteCount), StringComparer.Ordinal);
        foreach (var ending in (string[])["", EndOfWord])
        {
            foreach (var character in printable.Concat(others))
            {
                ids.Add((char)character + ending, ids.Count);
            }
        }

        return ids;
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ');

    private static DiffBirException Unusable(string name, string reason, Exception? innerException = null) =>
        new(
            $"{name} cannot be used as CLIP's vocabulary: {reason}. Use the file bpe_simple_vocab_16e6.txt.gz of the CLIP project.",
            innerException
        );
}
