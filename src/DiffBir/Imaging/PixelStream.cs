using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DiffBir.Imaging.Metadata;

namespace DiffBir.Imaging;

/// <summary>
/// Shows a photo's planes as an uncompressed TIFF file that exists nowhere: libvips reads it front to back while it encodes, so an
/// image of any size, in memory or in a scratch file, is quantized strip by strip and never copied whole.
/// </summary>
internal sealed class PixelStream : Stream
{
    private const int StripBytes = 1 << 20;

    private readonly Photo _photo;
    private readonly BitDepth _depth;
    private readonly Rounding _rounding;
    private readonly int _colors;
    private readonly int _bands;
    private readonly int _rowBytes;
    private readonly int _rowsPerStrip;
    private readonly byte[] _header;
    private readonly byte[] _strip;
    private readonly float[] _values;
    private int _stripIndex = -1;

    /// <summary>Shows a photo.</summary>
    /// <param name="photo">The photo; it must live as long as the stream.</param>
    /// <param name="depth">The bits of a value.</param>
    /// <param name="rounding">How 8-bit values are rounded.</param>
    /// <exception cref="ImageException">The pixels would take 4 GB or more, the most that a TIFF file holds.</exception>
    public PixelStream(Photo photo, BitDepth depth, Rounding rounding)
    {
        (_photo, _depth, _rounding) = (photo, depth, rounding);
        _colors = photo.ColorModel == ColorModel.Gray ? 1 : 3;
        _bands = photo.Alpha is null ? _colors : _colors + 1;
        var rowBytes = (long)photo.Width * _bands * ((int)depth / 8);
        if (rowBytes * photo.Height > uint.MaxValue - (64 << 20))
        {
            throw new ImageException(
                $"An image of {photo.Width}×{photo.Height} with {_bands} channels of {(int)depth} bits is too large to be written: "
                    + "at most 4 GB of pixels are possible. Write fewer pixels, or 8 bits."
            );
        }

        _rowBytes = (int)rowBytes;
        _rowsPerStrip = (int)Math.Clamp(StripBytes / rowBytes, 1, photo.Height);
        _strip = new byte[_rowsPerStrip * rowBytes];
        _values = new float[_rowsPerStrip * photo.Width];
        _header = Header();
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _header.Length + ((long)_rowBytes * _photo.Height);

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length && Position < Length)
        {
            var part = Part();
            var count = Math.Min(part.Length, buffer.Length - total);
            part[..count].CopyTo(buffer[total..]);
            Position += count;
            total += count;
        }

        return total;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>The bytes from the position to the end of the header or of the strip.</summary>
    private ReadOnlySpan<byte> Part()
    {
        if (Position < _header.Length)
        {
            return _header.AsSpan((int)Position);
        }

        var place = Position - _header.Length;
        var index = (int)(place / _strip.Length);
        if (index != _stripIndex)
        {
            FillStrip(index);
        }

        var start = (long)index * _strip.Length;
        var length = Math.Min(_strip.Length, Length - _header.Length - start);
        return _strip.AsSpan((int)(place - start), (int)(length - (place - start)));
    }

    private void FillStrip(int index)
    {
        var top = index * _rowsPerStrip;
        var rows = Math.Min(_rowsPerStrip, _photo.Height - top);
        var values = _values.AsSpan(0, rows * _photo.Width);
        for (var band = 0; band < _bands; band++)
        {
            var planes = band < _colors ? _photo.Pixels : _photo.Alpha!;
            planes.Read(band % _colors, top, 0, values);
            if (_depth == BitDepth.Sixteen)
            {
                Interleave16(values, band);
            }
            else
            {
                Interleave8(values, band);
            }
        }

        _stripIndex = index;
    }

    private void Interleave8(ReadOnlySpan<float> values, int band)
    {
        Span<byte> row = stackalloc byte[Math.Min(values.Length, 1024)];
        // Transparency is rounded: cutting would make nearly opaque edges of the upscale's ripple.
        var rounding = band < _colors ? _rounding : Rounding.Nearest;
        for (var start = 0; start < values.Length; start += row.Length)
        {
            var part = values.Slice(start, Math.Min(row.Length, values.Length - start));
            Quantization.ToBytes(part, row, rounding);
            for (var index = 0; index < part.Length; index++)
            {
                _strip[((start + index) * _bands) + band] = row[index];
            }
        }
    }

    private void Interleave16(ReadOnlySpan<float> values, int band)
    {
        Span<ushort> row = stackalloc ushort[Math.Min(values.Length, 1024)];
        var words = MemoryMarshal.Cast<byte, ushort>(_strip.AsSpan());
        for (var start = 0; start < values.Length; start += row.Length)
        {
            var part = values.Slice(start, Math.Min(row.Length, values.Length - start));
            Quantization.ToWords(part, row, Rounding.Nearest);
            for (var index = 0; index < part.Length; index++)
            {
                words[((start + index) * _bands) + band] = row[index];
            }
        }
    }

    private byte[] Header()
    {
        var bigEndian = !BitConverter.IsLittleEndian;
        const int headerLength = 8;
        var strips = Ceiling.Divide(_photo.Height, _rowsPerStrip);
        // The layout's length does not depend on the places: laid out once to know it, once with the places.
        var length = headerLength + Directory(strips, 0).Length;
        return [.. TiffWriter.Header(bigEndian, headerLength), .. Directory(strips, length)];

        byte[] Directory(int count, int dataStart)
        {
            var directory = new TiffDirectory();
            Put(0x0100, TiffDirectory.Long, _photo.Width); // ImageWidth
            Put(0x0101, TiffDirectory.Long, _photo.Height); // ImageLength
            Put(0x0102, TiffDirectory.Short, [.. Enumerable.Repeat((long)_depth, _bands)]); // BitsPerSample
            Put(0x0103, TiffDirectory.Short, 1); // Compression: none
            Put(0x0106, TiffDirectory.Short, _colors == 1 ? 1 : 2); // PhotometricInterpretation: black is zero, or RGB
            Put(
                0x0111,
                TiffDirectory.Long,
                [.. Enumerable.Range(0, count).Select(strip => dataStart + ((long)strip * _strip.Length))]
            ); // StripOffsets
            Put(0x0115, TiffDirectory.Short, _bands); // SamplesPerPixel
            Put(0x0116, TiffDirectory.Long, _rowsPerStrip); // RowsPerStrip
            Put(0x0117, TiffDirectory.Long, [.. Enumerable.Range(0, count).Select(StripLength)]); // StripByteCounts
            Put(0x011C, TiffDirectory.Short, 1); // PlanarConfiguration: interleaved
            if (_bands > _colors)
            {
                Put(0x0152, TiffDirectory.Short, 2); // ExtraSamples: unassociated transparency
            }

            return TiffWriter.Lay(directory, headerLength, bigEndian);

            void Put(ushort tag, ushort type, params ReadOnlySpan<long> values)
            {
                var size = TiffDirectory.SizeOf(type);
                var data = new byte[values.Length * size];
                for (var index = 0; index < values.Length; index++)
                {
                    var slot = data.AsSpan(index * size, size);
                    if (size == 2)
                    {
                        BitConverter.TryWriteBytes(slot, (ushort)values[index]);
                    }
                    else
                    {
                        BitConverter.TryWriteBytes(slot, (uint)values[index]);
                    }
                }

                directory.Entries[tag] = new TiffEntry(type, (uint)values.Length, data);
            }
        }
    }

    private long StripLength(int strip) => (long)Math.Min(_rowsPerStrip, _photo.Height - (strip * _rowsPerStrip)) * _rowBytes;
}
