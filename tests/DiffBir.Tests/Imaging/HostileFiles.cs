using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>Makes small valid files of every kind, and damages files.</summary>
internal static class HostileFiles
{
    public static Dictionary<string, byte[]> SeedFiles()
    {
        using var vips = Pictures
            .Vips(Pictures.Gradient(24, 20))
            .Mutate(target =>
            {
                target.Set(GValue.GStrType, "exif-ifd0-Make", "Acme (Acme, ASCII, 5 components, 5 bytes)");
                target.Set(GValue.GIntType, "orientation", 6);
                target.Set(GValue.BlobType, "xmp-data", "<x tiff:Orientation='6'/>"u8.ToArray());
            });
        using var clear = vips.Bandjoin(100);
        using var wide = vips.Cast(Enums.BandFormat.Ushort).Linear([257.0], [0.0]).Cast(Enums.BandFormat.Ushort);
        using var deep = wide.Copy(interpretation: Enums.Interpretation.Rgb16);
        using var colored = vips.IccTransform("p3", inputProfile: "srgb");
        using var inks = vips.IccTransform("cmyk", inputProfile: "srgb").Mutate(target => target.Remove("icc-profile-data"));
        return new Dictionary<string, byte[]>
        {
            ["png"] = vips.PngsaveBuffer(),
            ["png16"] = deep.PngsaveBuffer(),
            ["png palette"] = clear.PngsaveBuffer(palette: true),
            ["png interlaced"] = clear.PngsaveBuffer(interlace: true),
            ["png profile"] = colored.PngsaveBuffer(),
            ["jpeg"] = vips.JpegsaveBuffer(),
            ["jpeg progressive"] = vips.JpegsaveBuffer(interlace: true),
            ["jpeg cmyk"] = inks.JpegsaveBuffer(),
            ["webp"] = clear.WebpsaveBuffer(),
            ["webp lossless"] = vips.WebpsaveBuffer(lossless: true),
            ["gif"] = vips.GifsaveBuffer(),
            ["avif"] = clear.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1),
            ["tiff"] = vips.TiffsaveBuffer(),
            ["tiff deflate"] = deep.TiffsaveBuffer(
                compression: Enums.ForeignTiffCompression.Deflate,
                predictor: Enums.ForeignTiffPredictor.Horizontal
            ),
            ["tiff lzw tiles"] = clear.TiffsaveBuffer(
                compression: Enums.ForeignTiffCompression.Lzw,
                tile: true,
                tileWidth: 16,
                tileHeight: 16
            ),
            ["tiff jpeg"] = vips.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Jpeg),
            ["tiff big"] = vips.TiffsaveBuffer(bigtiff: true),
        };
    }

    public static void Mutate(ref byte[] bytes, Draws random)
    {
        var place = random.Below(bytes.Length);
        switch (random.Below(6))
        {
            case 0:
                bytes[place] ^= (byte)(1 << random.Below(8));
                break;
            case 1:
                bytes[place] = (byte)random.Below(256);
                break;
            case 2: // an extreme number
                var extreme = new[] { 0u, 1u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu, 0xFFFFu }[random.Below(6)];
                if (place + 4 <= bytes.Length)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(place), extreme);
                }

                break;
            case 3:
                bytes = [.. bytes[..place], .. bytes[Math.Min(place + 1 + random.Below(8), bytes.Length)..]];
                break;
            case 4:
                bytes = [.. bytes[..place], .. bytes[random.Below(bytes.Length)..]];
                break;
            default:
                bytes.AsSpan(0, Math.Min(64, bytes.Length - place)).CopyTo(bytes.AsSpan(place));
                break;
        }

        if (bytes.Length == 0)
        {
            bytes = [0];
        }

        RepairPngSums(bytes);
    }

    /// <summary>Mutated chunks get right check sums, so that the reader goes on into them.</summary>
    private static void RepairPngSums(byte[] bytes)
    {
        if (bytes.Length < 8 || bytes[0] != 0x89)
        {
            return;
        }

        for (var place = 8L; place + 12 <= bytes.Length; )
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan((int)place));
            if (place + 12 + length > bytes.Length)
            {
                return;
            }

            var sum = Crc32(bytes.AsSpan((int)place + 4, (int)length + 4));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((int)(place + 8 + length)), sum);
            place += 12 + length;
        }
    }

    /// <summary>PNG's check sum.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ (0xEDB88320 & (0 - (sum & 1)));
            }
        }

        return ~sum;
    }

    public static byte[] Deflated(int zeros)
    {
        var result = new MemoryStream();
        using (var deflate = new ZLibStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            var block = new byte[Math.Min(zeros, 1 << 20)];
            for (var left = zeros; left > 0; left -= block.Length)
            {
                deflate.Write(block, 0, Math.Min(block.Length, left));
            }
        }

        return result.ToArray();
    }

    public static byte[] Png(int width, int height, byte[] pixels, params (string Kind, byte[] Data)[] more)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8; // bits
        header[9] = 2; // RGB
        byte[] file = [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR", header)];
        foreach (var (kind, data) in more)
        {
            file = [.. file, .. Chunk(kind, data)];
        }

        return [.. file, .. Chunk("IDAT", pixels), .. Chunk("IEND", [])];

        static byte[] Chunk(string kind, byte[] data)
        {
            var chunk = new byte[12 + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            Encoding.ASCII.GetBytes(kind, chunk.AsSpan(4));
            data.CopyTo(chunk, 8);
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32(chunk.AsSpan(4, data.Length + 4)));
            return chunk;
        }
    }

    public static byte[] Jpeg(int width, int height)
    {
        using var small = Image.Black(16, 16, 3).Copy(interpretation: Enums.Interpretation.Srgb);
        var bytes = small.JpegsaveBuffer();
        var frame = bytes.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 7), (ushort)width);
        return bytes;
    }

    public static byte[] Tiff(int width, int height)
    {
        using var small = Image.Black(16, 16, 3).Copy(interpretation: Enums.Interpretation.Srgb);
        var bytes = small.TiffsaveBuffer();
        var directory = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        // The first two entries are the width and the height.
        foreach (var (entry, size) in new[] { (0, width), (1, height) })
        {
            var slot = bytes.AsSpan(directory + 2 + (12 * entry));
            BinaryPrimitives.WriteUInt16LittleEndian(slot[2..], 4);
            BinaryPrimitives.WriteInt32LittleEndian(slot[8..], size);
        }

        return bytes;
    }

    /// <summary>Repeatable numbers: splitmix64, seeded by a name.</summary>
    public sealed class Draws(string name)
    {
        private ulong _state = Crc32(Encoding.UTF8.GetBytes(name));

        public int Below(int bound)
        {
            _state += 0x9E3779B97F4A7C15;
            var value = _state;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return (int)((value ^ (value >> 31)) % (ulong)bound);
        }
    }
}
