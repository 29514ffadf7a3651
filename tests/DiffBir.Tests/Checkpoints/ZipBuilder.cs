using System.Buffers.Binary;
using System.Text;

namespace DiffBir.Tests.Checkpoints;

/// <summary>An entry, and what the central directory claims about it where that is not the truth.</summary>
internal sealed record ZipPart(string Name, byte[] Content)
{
    /// <summary>The number of bytes; more than the content leaves a hole in the file.</summary>
    public long Length { get; init; } = Content.Length;
    public ushort Flags { get; init; }
    public ushort Method { get; init; }
    public long? ClaimedSize { get; init; }
    public long? ClaimedStoredSize { get; init; }
    public long? ClaimedOffset { get; init; }
    public string? LocalName { get; init; }
}

/// <summary>Writes zip archives as torch.save does, with zip64 records always, and archives that lie.</summary>
internal sealed class ZipBuilder
{
    private const int Alignment = 64;

    public List<ZipPart> Parts { get; } = [];
    public long? ClaimedCount { get; init; }
    public long? ClaimedDirectorySize { get; init; }
    public long? ClaimedDirectoryOffset { get; init; }

    public ZipBuilder Add(string name, byte[] content)
    {
        Parts.Add(new ZipPart(name, content));
        return this;
    }

    /// <summary>An archive of a pickle and storages of zeros named 0, 1, ….</summary>
    public static ZipBuilder Torch(byte[] pickle, params long[] storageBytes)
    {
        var zip = new ZipBuilder().Add("archive/data.pkl", pickle);
        for (var i = 0; i < storageBytes.Length; i++)
        {
            zip.Parts.Add(new ZipPart($"archive/data/{i}", []) { Length = storageBytes[i] });
        }

        return zip.Add("archive/version", "3\n"u8.ToArray());
    }

    public byte[] Build()
    {
        using var stream = new MemoryStream();
        WriteTo(stream);
        return stream.ToArray();
    }

    public void WriteTo(Stream stream)
    {
        var offsets = Parts.ConvertAll(part => WriteLocal(stream, part));
        var directory = stream.Position;
        for (var i = 0; i < Parts.Count; i++)
        {
            WriteEntry(stream, Parts[i], offsets[i]);
        }

        var size = stream.Position - directory;
        WriteEnd(stream, directory, size);
    }

    private static long WriteLocal(Stream stream, ZipPart part)
    {
        var offset = stream.Position;
        var name = Encoding.UTF8.GetBytes(part.LocalName ?? part.Name);
        var header = new byte[30];
        var dataStart = offset + header.Length + name.Length + 4;
        var padding = (int)((Alignment - (dataStart % Alignment)) % Alignment);
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)(4 + padding));
        stream.Write(header);
        stream.Write(name);
        stream.Write("FB"u8);
        stream.Write([(byte)padding, 0]);
        stream.Write(new byte[padding]);
        var end = stream.Position + part.Length;
        stream.Write(part.Content);
        stream.Position = end;
        return offset;
    }

    private static void WriteEntry(Stream stream, ZipPart part, long offset)
    {
        var name = Encoding.UTF8.GetBytes(part.Name);
        var entry = new byte[46 + name.Length + 28];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014b50);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(8), part.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(10), part.Method);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(20), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(24), uint.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(28), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), 28);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(42), uint.MaxValue);
        name.CopyTo(entry.AsSpan(46));
        var wide = entry.AsSpan(46 + name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(wide, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(wide[2..], 24);
        BinaryPrimitives.WriteInt64LittleEndian(wide[4..], part.ClaimedSize ?? part.Length);
        BinaryPrimitives.WriteInt64LittleEndian(wide[12..], part.ClaimedStoredSize ?? part.ClaimedSize ?? part.Length);
        BinaryPrimitives.WriteInt64LittleEndian(wide[20..], part.ClaimedOffset ?? offset);
        stream.Write(entry);
    }

    private void WriteEnd(Stream stream, long directory, long size)
    {
        var position = stream.Position;
        var record = new byte[56 + 20 + 22];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(24), ClaimedCount ?? Parts.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), ClaimedCount ?? Parts.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(40), ClaimedDirectorySize ?? size);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(48), ClaimedDirectoryOffset ?? directory);
        var locator = record.AsSpan(56);
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(locator[8..], position);
        BinaryPrimitives.WriteUInt32LittleEndian(locator[16..], 1);
        var end = record.AsSpan(76);
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        end.Slice(8, 12).Fill(byte.MaxValue);
        stream.Write(record);
    }
}
