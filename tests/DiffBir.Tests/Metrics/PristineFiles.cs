using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace DiffBir.Tests.Metrics;

/// <summary>Made-up statistics of good photos in the three kinds of files: means 0.5 + 0.05 i, covariance 0.1 I + 0.01.</summary>
internal static class PristineFiles
{
    /// <summary>
    /// What BasicSR's function gives for <c>Samples.Textured(200, 300)</c> with these statistics, on the rounded Y and with MATLAB's resize
    /// in NumPy's doubles.
    /// </summary>
    public const double NiqeOfTextured = 27.08129286397983;

    /// <summary>The shapes are fitted in steps of 0.001.</summary>
    public const double Rounding = 0.005;

    private const int Count = 36;

    private static readonly double[] Means = [.. Enumerable.Range(0, Count).Select(index => 0.5 + (0.05 * index))];

    private static readonly double[] Covariances =
    [
        .. Enumerable.Range(0, Count * Count).Select(index => index % Count == index / Count ? 0.11 : 0.01),
    ];

    /// <summary>As <c>diffbir fit-niqe</c> writes them.</summary>
    public static byte[] Json(int count = Count) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Mean = Means[..count], Covariance = Covariances });

    /// <summary>As NumPy's <c>savez</c> writes them.</summary>
    public static byte[] NumPy()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "gaussian_window", new double[49], "(7, 7)");
            Add(archive, "mu_pris_param", Means, "(1, 36)");
            Add(archive, "cov_pris_param", Covariances, "(36, 36)");
        }

        return stream.ToArray();
    }

    /// <summary>As MATLAB's <c>save</c> writes them.</summary>
    public static byte[] Matlab(bool compressed)
    {
        var header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, made up").CopyTo(header, 0);
        (header[125], header[126], header[127]) = (1, (byte)'I', (byte)'M');
        byte[] whole = [1, 2, 3]; // whole numbers take the smallest type
        byte[][] matrices =
        [
            Matrix("x", 2, whole, whole.Length),
            Matrix("mu_prisparam", 9, Bytes(Means), Count),
            Matrix("cov_prisparam", 9, Bytes(Covariances), Count),
        ];
        return [.. header, .. matrices.SelectMany(matrix => compressed ? Element(15, Compress(matrix), padded: false) : matrix)];
    }

    private static void Add(ZipArchive archive, string name, double[] values, string shape)
    {
        var text = $"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}";
        text = text.PadRight(117) + "\n"; // to a multiple of 64 with the ten bytes in front
        using var stream = archive.CreateEntry($"{name}.npy").Open();
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. Encoding.ASCII.GetBytes(text), .. Bytes(values)]);
    }

    private static byte[] Matrix(string name, int type, byte[] values, int columns)
    {
        byte[] flags = [6, 0, 0, 0, 0, 0, 0, 0]; // of doubles
        var sizes = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(sizes, 1);
        BinaryPrimitives.WriteInt32LittleEndian(sizes.AsSpan(4), columns);
        var letters = Encoding.ASCII.GetBytes(name);
        byte[] title =
            letters.Length <= 4
                ? [1, 0, (byte)letters.Length, 0, .. letters, .. new byte[4 - letters.Length]]
                : Element(1, letters);
        return Element(14, [.. Element(6, flags), .. Element(5, sizes), .. title, .. Element(type, values)]);
    }

    private static byte[] Element(int type, byte[] content, bool padded = true)
    {
        var tag = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(tag, type);
        BinaryPrimitives.WriteInt32LittleEndian(tag.AsSpan(4), content.Length);
        return [.. tag, .. content, .. new byte[padded ? (8 - (content.Length % 8)) % 8 : 0]];
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return stream.ToArray();
    }

    private static byte[] Bytes(double[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
