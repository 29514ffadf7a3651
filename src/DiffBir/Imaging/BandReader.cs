using System.Buffers;
using System.Runtime.InteropServices;
using NetVips;

namespace DiffBir.Imaging;

/// <summary>Pulls the pixels of an opened image out of libvips, strip by strip, and lays them down as planes, upright.</summary>
/// <param name="image">Bands of 8 or 16 bits: gray or RGB, then perhaps transparency, then perhaps bands of unknown meaning, which are left.</param>
/// <param name="orientation">How the stored picture is turned.</param>
internal sealed class BandReader(Image image, Orientation orientation)
{
    private const int FetchBytes = 64 << 10; // below the large object heap's 85,000
    private const int StripValues = 1 << 20;
    private const int MaxStripRows = 256;

    // libvips takes the second band of gray for transparency however many bands follow, so their number alone says nothing.
    private readonly int _colors =
        image.Bands < 3 || image.Interpretation is Enums.Interpretation.Bw or Enums.Interpretation.Grey16 ? 1 : 3;

    private readonly bool _isWide = image.Format == Enums.BandFormat.Ushort;

    /// <summary>Whether there is one band of gray, or three of RGB.</summary>
    public ColorModel ColorModel => _colors == 1 ? ColorModel.Gray : ColorModel.Rgb;

    /// <summary>Whether a band of transparency follows the colors.</summary>
    public bool HasOpacity => image.HasAlpha() && image.Bands > _colors;

    /// <summary>Copies all pixels to their places; tells whether all of them are opaque.</summary>
    /// <param name="pixels">Three planes.</param>
    /// <param name="alpha">One plane where there is transparency, else null.</param>
    /// <param name="cancellation">Stops between strips.</param>
    /// <exception cref="VipsException">The file is damaged.</exception>
    public bool CopyTo(PlanarImage pixels, PlanarImage? alpha, CancellationToken cancellation)
    {
        var (width, height) = (image.Width, image.Height);
        var rows = Math.Clamp(StripValues / width, 1, MaxStripRows);
        var planes = alpha is null ? _colors : _colors + 1;
        var values = ArrayPool<float>.Shared.Rent(planes * rows * width);
        var opaque = true;
        using var region = Region.New(image);
        for (var top = 0; top < height; top += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = Math.Min(rows, height - top) * width;
            FetchStrip(region, top, values.AsSpan(0, planes * length), planes);
            for (var plane = 0; plane < pixels.Planes; plane++)
            {
                var strip = values.AsSpan(plane % _colors * length, length);
                orientation.Write(strip, top, pixels, plane);
            }

            if (alpha is not null)
            {
                var strip = values.AsSpan(_colors * length, length);
                opaque &= !strip.ContainsAnyExcept(1f);
                orientation.Write(strip, top, alpha, plane: 0);
            }
        }

        ArrayPool<float>.Shared.Return(values);
        return opaque;
    }

    /// <summary>Decodes the rows of a strip, a few at a time: every call of libvips makes an array, and small ones cost little.</summary>
    private void FetchStrip(Region region, int top, Span<float> values, int planes)
    {
        var width = image.Width;
        var length = values.Length / planes;
        var step = (int)Math.Max(FetchBytes / ((long)width * image.Bands * (_isWide ? 2 : 1)), 1);
        for (var row = 0; row < length / width; row += step)
        {
            var count = Math.Min(step, (length / width) - row);
            var bytes = region.Fetch(0, top + row, width, count);
            for (var plane = 0; plane < planes; plane++)
            {
                Band(bytes, plane, values.Slice((plane * length) + (row * width), count * width));
            }
        }
    }

    /// <summary>Takes one of the interleaved bands. Divided, not multiplied by an inverse: an 8-bit value k is exactly k / 255.</summary>
    private void Band(ReadOnlySpan<byte> bytes, int band, Span<float> values)
    {
        var bands = image.Bands;
        if (_isWide)
        {
            var words = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = words[(index * bands) + band] / 65535f;
            }

            return;
        }

        for (var index = 0; index < values.Length; index++)
        {
            values[index] = bytes[(index * bands) + band] / 255f;
        }
    }
}
