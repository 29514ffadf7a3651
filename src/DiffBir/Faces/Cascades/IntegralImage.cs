namespace DiffBir.Faces.Cascades;

/// <summary>Sums over all rectangles of a gray picture that begin in its corner, so that any rectangle's sum takes four look-ups.</summary>
internal sealed class IntegralImage
{
    private readonly int[] _sums;
    private readonly long[] _squares;
    private readonly int[]? _tilted;

    /// <summary>Sums up a picture.</summary>
    /// <param name="gray">[1,1,H,W] in 255ths; at most <see cref="MaxPixels"/>.</param>
    /// <param name="withTilted">Whether sums of tilted rectangles are needed.</param>
    public IntegralImage(Tensor gray, bool withTilted)
    {
        (Height, Width) = (gray.Size(2), gray.Size(3));
        (_sums, _squares) = (new int[(Height + 1) * Stride], new long[(Height + 1) * Stride]);
        var values = new int[gray.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (int)MathF.Round(Math.Clamp(gray.Data[i], 0, 1) * 255);
        }

        Sum(values);
        _tilted = withTilted ? Tilt(values) : null;
    }

    /// <summary>The most pixels whose sum fits.</summary>
    public const int MaxPixels = int.MaxValue / 255;

    /// <summary>The bytes that a pixel takes here at most.</summary>
    public const int BytesPerPixel = sizeof(int) + sizeof(int) + sizeof(long) + sizeof(int);

    /// <summary>The picture's rows.</summary>
    public int Height { get; }

    /// <summary>The picture's columns.</summary>
    public int Width { get; }

    /// <summary>The distance between two rows of <see cref="Sums"/> and <see cref="TiltedSums"/>.</summary>
    public int Stride => Width + 1;

    /// <summary>At (x, y), the sum of the pixels left of x and above y.</summary>
    public ReadOnlySpan<int> Sums => _sums;

    /// <summary>At (x, y), the sum of the pixels in the triangle that opens upwards from pixel (x - 1, y - 1) with its right angle there.</summary>
    public ReadOnlySpan<int> TiltedSums => _tilted;

    /// <summary>The sum and the sum of squares of a rectangle.</summary>
    public (long Sum, long Squares) Of(int x, int y, int width, int height)
    {
        var (top, bottom) = ((y * Stride) + x, ((y + height) * Stride) + x);
        return (
            (long)_sums[bottom + width] - _sums[bottom] - _sums[top + width] + _sums[top],
            _squares[bottom + width] - _squares[bottom] - _squares[top + width] + _squares[top]
        );
    }

    private void Sum(int[] values)
    {
        for (var y = 0; y < Height; y++)
        {
            var (sum, squares) = (0, 0L);
            for (var x = 0; x < Width; x++)
            {
                var value = values[(y * Width) + x];
                (sum, squares) = (sum + value, squares + ((long)value * value));
                var at = ((y + 1) * Stride) + x + 1;
                (_sums[at], _squares[at]) = (_sums[at - Stride] + sum, _squares[at - Stride] + squares);
            }
        }
    }

    // A triangle is two smaller ones, less what both cover, and the two pixels at its corner.
    private int[] Tilt(int[] values)
    {
        var tilted = new int[(Height + 1) * Stride];
        for (var y = 1; y <= Height; y++)
        {
            for (var x = 0; x <= Width; x++)
            {
                tilted[(y * Stride) + x] =
                    At(x - 1, y - 1) + At(x + 1, y - 1) - At(x, y - 2) + Pixel(x - 1, y - 1) + Pixel(x - 1, y - 2);
            }
        }

        return tilted;

        // Beside the picture, the triangle that reaches into it as far.
        int At(int x, int y) =>
            y <= 0 ? 0
            : x < 0 ? At(0, y - 1)
            : x > Width ? At(Width, y - 1)
            : tilted[(y * Stride) + x];

        int Pixel(int x, int y) => x >= 0 && y >= 0 ? values[(y * Width) + x] : 0;
    }
}
