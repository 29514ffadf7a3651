using System.Buffers.Binary;

namespace DiffBir.Imaging.Layouts;

/// <summary>JPEG: blocks in their order, or in several scans (progressive), between which all coefficients wait in memory.</summary>
/// <param name="HasSeveralScans">Whether one scan is not all.</param>
/// <param name="IsHuffman">Whether each block takes a bit at least.</param>
/// <param name="Components">For each component its blocks across and down in a unit of the picture.</param>
/// <param name="BytesBeforeScan">The bytes before the first scan, which the codec keeps.</param>
internal sealed record JpegLayout(
    bool HasSeveralScans,
    bool IsHuffman,
    IReadOnlyList<(int Across, int Down)> Components,
    long BytesBeforeScan
) : PixelLayout
{
    private const int BlockSide = 8;
    private const int BlockBytes = BlockSide * BlockSide * sizeof(short);

    /// <summary>Stands for a header that cannot be understood: all that a JPEG can need.</summary>
    private static readonly JpegLayout Unknown = new(true, false, [(1, 1), (1, 1), (1, 1), (1, 1)], 0);

    /// <inheritdoc/>
    public override string Kind => HasSeveralScans ? "a progressive JPEG" : "a JPEG file";

    /// <inheritdoc/>
    public override string Remedy => HasSeveralScans ? "save it as an ordinary JPEG" : "save it without metadata";

    /// <inheritdoc/>
    public override long HeaderBytes => BytesBeforeScan;

    public static JpegLayout Read(Stream file)
    {
        file.Position = 2; // behind the start of image
        var reader = new BinaryReader(new BufferedStream(file, 4096));
        JpegLayout? frame = null;
        try
        {
            while (true)
            {
                var marker = NextMarker(reader);
                if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
                {
                    continue; // stands alone
                }

                var length = BinaryPrimitives.ReadUInt16BigEndian(reader.ReadBytes(2)) - 2;
                switch (marker)
                {
                    case 0xDA: // the first scan
                        var components = reader.ReadByte();
                        return frame is null
                            ? Unknown
                            : frame with
                            {
                                HasSeveralScans = frame.HasSeveralScans || components < frame.Components.Count,
                                BytesBeforeScan = reader.BaseStream.Position,
                            };
                    case >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC): // a frame
                        frame = Frame(marker, reader.ReadBytes(Math.Max(0, length)));
                        break;
                    default:
                        reader.BaseStream.Seek(Math.Max(0, length), SeekOrigin.Current);
                        break;
                }
            }
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentOutOfRangeException)
        {
            return Unknown;
        }
    }

    /// <inheritdoc/>
    public override long BytesAtOnce(DecodedSize picture) => HasSeveralScans ? HeldBlocks(picture) * BlockBytes : 0;

    /// <inheritdoc/>
    public override long MinFileBytes(DecodedSize picture) => IsHuffman ? CodedBlocks(picture) / 8 : 0;

    private static byte NextMarker(BinaryReader reader)
    {
        // As libjpeg: whatever lies between segments is skipped, and a marker may be preceded by any number of 0xFF.
        var isPrefixed = false;
        while (true)
        {
            var value = reader.ReadByte();
            if (isPrefixed && value is not (0 or 0xFF))
            {
                return value;
            }

            isPrefixed = value == 0xFF;
        }
    }

    private static JpegLayout? Frame(byte marker, byte[] frame)
    {
        // Precision, height, width, the number of components; of each its name, its sampling and its table.
        const int place = 5;
        if (frame.Length <= place || frame[place] == 0 || frame.Length < place + 1 + (3 * frame[place]))
        {
            return null;
        }

        var components = Enumerable.Range(0, frame[place]).Select(index => frame[place + 2 + (3 * index)]);
        return new JpegLayout(
            HasSeveralScans: marker is 0xC2 or 0xC6 or 0xCA or 0xCE,
            IsHuffman: marker is 0xC0 or 0xC1 or 0xC2,
            [.. components.Select(sampling => (Math.Max(1, sampling >> 4), Math.Max(1, sampling & 15)))],
            BytesBeforeScan: 0
        );
    }

    /// <summary>The blocks that are held: whole units of the picture.</summary>
    private long HeldBlocks(DecodedSize picture)
    {
        var (across, down) = Unit;
        var units = Ceiling.Divide((long)picture.Width, BlockSide * across) * Ceiling.Divide(picture.Height, BlockSide * down);
        return units * Components.Sum(component => (long)component.Across * component.Down);
    }

    /// <summary>The blocks that a file must code: those that a component has pixels in.</summary>
    private long CodedBlocks(DecodedSize picture)
    {
        var (across, down) = Unit;
        return Components.Sum(component =>
            Ceiling.Divide(Ceiling.Divide((long)picture.Width * component.Across, across), BlockSide)
            * Ceiling.Divide(Ceiling.Divide((long)picture.Height * component.Down, down), BlockSide)
        );
    }

    private (int Across, int Down) Unit =>
        (Components.Max(component => component.Across), Components.Max(component => component.Down));
}
