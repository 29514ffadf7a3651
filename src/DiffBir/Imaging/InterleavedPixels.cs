using System.Runtime.InteropServices;

namespace DiffBir.Imaging;

/// <summary>Pixels that lie in memory row by row, channel beside channel, as other libraries hold them.</summary>
/// <param name="format">How a pixel lies.</param>
/// <param name="height">Rows.</param>
/// <param name="width">Columns.</param>
/// <param name="stride">The bytes from row to row.</param>
internal readonly struct InterleavedPixels(PixelFormat format, int height, int width, int stride)
{
    private const int Opacity = 3;

    // The planes that the channels are, in the order of their addresses.
    private readonly int[] _planes = format switch
    {
        PixelFormat.Gray8 or PixelFormat.Gray16 => [0],
        PixelFormat.Rgb24 or PixelFormat.Rgb48 => [0, 1, 2],
        PixelFormat.Bgr24 or PixelFormat.Bgr48 => [2, 1, 0],
        PixelFormat.Rgba32 or PixelFormat.Rgba64 => [0, 1, 2, Opacity],
        PixelFormat.Bgra32 => [2, 1, 0, Opacity],
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, message: null),
    };

    private bool IsWide => format is PixelFormat.Gray16 or PixelFormat.Rgb48 or PixelFormat.Bgr48 or PixelFormat.Rgba64;

    private bool IsGray => _planes.Length == 1;

    private bool HasOpacity => _planes.Length > Opacity;

    private int RowBytes => checked(width * _planes.Length * (IsWide ? sizeof(ushort) : sizeof(byte)));

    private int Stride => stride == 0 ? RowBytes : stride;

    /// <summary>Copies pixels into a photo.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <exception cref="ShapeException">The bytes do not hold so many rows.</exception>
    public Photo Read(ReadOnlySpan<byte> pixels)
    {
        Validate(pixels.Length);
        var image = new Tensor(1, 3, height, width);
        var opacity = HasOpacity ? new Tensor(1, 1, height, width) : null;
        for (var row = 0; row < height; row++)
        {
            var line = pixels.Slice(row * Stride, RowBytes);
            for (var channel = 0; channel < _planes.Length; channel++)
            {
                Read(line, channel, Row(_planes[channel] == Opacity ? opacity! : image, _planes[channel] % Opacity, row));
            }

            if (IsGray)
            {
                Row(image, 0, row).CopyTo(Row(image, 1, row));
                Row(image, 0, row).CopyTo(Row(image, 2, row));
            }
        }

        var isTransparent = opacity?.Span.ContainsAnyExcept(1f) == true;
        return new Photo(PlanarImage.Of(image), isTransparent ? PlanarImage.Of(opacity!) : null)
        {
            Depth = IsWide ? BitDepth.Sixteen : BitDepth.Eight,
            ColorModel = IsGray ? ColorModel.Gray : ColorModel.Rgb,
        };
    }

    /// <summary>Copies a photo into pixels.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="pixels">Receives the pixels; what lies between rows stays as it is.</param>
    /// <param name="rounding">What happens to fractions of 8-bit steps.</param>
    /// <exception cref="ShapeException">The bytes do not hold so many rows.</exception>
    /// <exception cref="ImageException">The format cannot hold the photo.</exception>
    public void Write(Photo photo, Span<byte> pixels, Rounding rounding)
    {
        Validate(pixels.Length);
        if (photo.Alpha is not null && !HasOpacity)
        {
            throw new ImageException(
                $"The photo is transparent in places, which {format} cannot hold; copy it as {PixelFormat.Rgba32} or {PixelFormat.Rgba64}."
            );
        }

        if (IsGray && !photo.IsGray)
        {
            throw new ImageException(
                $"The photo has color, which {format} cannot hold; copy it as {PixelFormat.Rgb24} or {PixelFormat.Rgb48}."
            );
        }

        var values = new float[width];
        for (var row = 0; row < height; row++)
        {
            var line = pixels.Slice(row * Stride, RowBytes);
            for (var channel = 0; channel < _planes.Length; channel++)
            {
                var plane = _planes[channel];
                if (plane < Opacity)
                {
                    photo.Pixels.Read(plane, row, 0, values);
                }
                else if (photo.Alpha is { } alpha)
                {
                    alpha.Read(0, row, 0, values);
                }
                else
                {
                    Array.Fill(values, 1f);
                }

                Write(values, line, channel, rounding);
            }
        }
    }

    private static Span<float> Row(Tensor image, int plane, int row)
    {
        var (height, width) = (image.Size(2), image.Size(3));
        return image.Span.Slice(((plane * height) + row) * width, width);
    }

    private void Read(ReadOnlySpan<byte> line, int channel, Span<float> values)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(line);
        for (var x = 0; x < values.Length; x++)
        {
            var index = (x * _planes.Length) + channel;
            values[x] = IsWide ? words[index] / 65535f : line[index] / 255f;
        }
    }

    private void Write(ReadOnlySpan<float> values, Span<byte> line, int channel, Rounding rounding)
    {
        if (IsWide)
        {
            var steps = new ushort[values.Length];
            Quantization.ToWords(values, steps, Rounding.Nearest);
            var words = MemoryMarshal.Cast<byte, ushort>(line);
            for (var x = 0; x < steps.Length; x++)
            {
                words[(x * _planes.Length) + channel] = steps[x];
            }

            return;
        }

        var bytes = new byte[values.Length];
        Quantization.ToBytes(values, bytes, rounding);
        for (var x = 0; x < bytes.Length; x++)
        {
            line[(x * _planes.Length) + channel] = bytes[x];
        }
    }

    private void Validate(int length)
    {
        if (height < 1 || width < 1 || Stride < RowBytes)
        {
            throw new ShapeException(
                $"Pixels must have 1 row and column or more, and {RowBytes} bytes a row as {format}, got {width}×{height} with {Stride} bytes from row to row."
            );
        }

        var needed = ((long)(height - 1) * Stride) + RowBytes; // nothing need follow the last row
        if (length < needed)
        {
            throw new ShapeException($"{width}×{height} pixels as {format} take {needed} bytes, got {length}.");
        }
    }
}
