using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace DiffBir.Metrics;

/// <summary>Reads the arrays of a NumPy archive (<c>.npz</c>): a zip of files, each with a header in Python's syntax.</summary>
internal static class NumPyArchive
{
    private const int HeaderPlace = 10; // behind the mark, the version and the header's length

    /// <summary>Arrays of little-endian floats of 64 or 32 bits, by name and without their shapes.</summary>
    /// <param name="bytes">The archive.</param>
    /// <param name="names">Those that are wanted; of other types or larger they are left out.</param>
    /// <param name="maxBytes">The most that one may have.</param>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static Dictionary<string, double[]> Read(byte[] bytes, IReadOnlyCollection<string> names, int maxBytes)
    {
        using var archive = new ZipArchive(new MemoryStream(bytes));
        var arrays = new Dictionary<string, double[]>();
        foreach (var entry in archive.Entries.Where(entry => entry.Length <= maxBytes))
        {
            var name = Path.GetFileNameWithoutExtension(entry.FullName);
            if (!names.Contains(name))
            {
                continue;
            }

            var content = new byte[entry.Length];
            using var stream = entry.Open();
            stream.ReadExactly(content);
            if (Elements(content) is { } elements)
            {
                arrays[name] = elements;
            }
        }

        return arrays;
    }

    private static double[]? Elements(ReadOnlySpan<byte> content)
    {
        if (content.Length < HeaderPlace || content is not [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..])
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(content[8..]);
        if (HeaderPlace + length > content.Length)
        {
            return null;
        }

        var header = Encoding.ASCII.GetString(content.Slice(HeaderPlace, length));
        var data = content[(HeaderPlace + length)..];
        return header.Contains("'<f8'", StringComparison.Ordinal) ? MemoryMarshal.Cast<byte, double>(data).ToArray()
            : header.Contains("'<f4'", StringComparison.Ordinal)
                ? Array.ConvertAll(MemoryMarshal.Cast<byte, float>(data).ToArray(), value => (double)value)
            : null;
    }
}
