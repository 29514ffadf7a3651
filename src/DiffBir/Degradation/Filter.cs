using System.Buffers;
using System.Numerics;

namespace DiffBir.Degradation;

/// <summary>Correlates an image with a square of weights; beyond its border the image is mirrored about the outermost pixel.</summary>
/// <remarks>
/// Most blurs are, to rounding, a short sum of products of a column and a row. They are found by cross approximation
/// (Gaussian elimination with full pivoting) and applied as one-dimensional passes where that is cheaper.
/// </remarks>
internal sealed class Filter
{
    // What the sum of all neglected weights may be: 1/2500 of an 8-bit level for pixels in [0, 1].
    private const double NeglectedWeight = 1.5e-6;

    private readonly int _size;
    private readonly double[] _weights;
    private readonly List<Product> _products;

    public Filter(BlurKernel kernel)
        : this(kernel.Weights(), kernel.Size) { }

    /// <param name="weights">Row by row.</param>
    /// <param name="size">Weights along each side; odd.</param>
    public Filter(double[] weights, int size)
    {
        _size = size;
        _weights = weights;
        // Products beyond size / 2 would cost more than the whole square.
        _products = Factor(weights, size, limit: size / 2);
    }

    /// <summary>Whether the weights are applied as one-dimensional passes, and how many pairs of them; 0: as a square.</summary>
    public int Passes => _products.Count;

    /// <summary>The filtered image, a new one.</summary>
    public RentedImage Apply(RentedImage image)
    {
        var result = new RentedImage(image.Height, image.Width);
        var half = _size / 2;
        var paddedWidth = image.Width + (2 * half);
        var paddedHeight = image.Height + (2 * half);
        var padded = ArrayPool<float>.Shared.Rent(paddedWidth * paddedHeight);
        var rented = ArrayPool<float>.Shared.Rent(image.Width * paddedHeight);
        var rows = new Area(rented, image.Width, paddedHeight);
        var passes = _products.ConvertAll(product =>
            (Row: new Taps(product.Row, _size, 0), Column: new Taps(product.Column, 1, image.Width))
        );
        var square = passes.Count == 0 ? new Taps(_weights, _size, paddedWidth) : null;
        for (var channel = 0; channel < RentedImage.Channels; channel++)
        {
            Mirror(image.Plane(channel), image.Height, image.Width, half, padded);
            var target = new Area(result.Plane(channel), image.Width, image.Height);
            square?.Correlate(padded, paddedWidth, target, add: false);
            for (var index = 0; index < passes.Count; index++)
            {
                passes[index].Row.Correlate(padded, paddedWidth, rows, add: false);
                passes[index].Column.Correlate(rows.Pixels, image.Width, target, add: index > 0);
            }
        }

        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<float>.Shared.Return(rented);
        return result;
    }

    /// <summary>Copies a plane into the middle of a larger one and fills the frame by mirroring.</summary>
    private static void Mirror(ReadOnlySpan<float> plane, int height, int width, int half, Span<float> padded)
    {
        var paddedWidth = width + (2 * half);
        for (var y = 0; y < height + (2 * half); y++)
        {
            var source = plane.Slice(Reflect(y - half, height) * width, width);
            var target = padded.Slice(y * paddedWidth, paddedWidth);
            source.CopyTo(target[half..]);
            for (var x = 1; x <= half; x++)
            {
                target[half - x] = source[Reflect(-x, width)];
                target[half + width - 1 + x] = source[Reflect(width - 1 + x, width)];
            }
        }
    }

    /// <summary>Mirrors an index about the first and last element, as often as needed for a small image.</summary>
    internal static int Reflect(int index, int length)
    {
        if (length == 1)
        {
            return 0;
        }

        var period = 2 * (length - 1);
        var folded = ((index % period) + period) % period;
        return Math.Min(folded, period - folded);
    }

    /// <summary>Columns and rows whose products sum to the weights; none if that takes more than the limit.</summary>
    private static List<Product> Factor(double[] weights, int size, int limit)
    {
        var products = new List<Product>();
        var rest = (double[])weights.Clone();
        while (rest.Sum(Math.Abs) > NeglectedWeight)
        {
            if (products.Count == limit)
            {
                return [];
            }

            products.Add(Eliminate(rest, size));
        }

        return products;
    }

    /// <summary>Takes the product through the largest remaining weight out of the rest.</summary>
    private static Product Eliminate(double[] rest, int size)
    {
        var pivot = 0;
        for (var index = 1; index < rest.Length; index++)
        {
            pivot = Math.Abs(rest[index]) > Math.Abs(rest[pivot]) ? index : pivot;
        }

        var column = new double[size];
        var row = rest.AsSpan(pivot / size * size, size).ToArray();
        for (var y = 0; y < size; y++)
        {
            column[y] = rest[(y * size) + (pivot % size)] / rest[pivot];
        }

        for (var index = 0; index < rest.Length; index++)
        {
            rest[index] -= column[index / size] * row[index % size];
        }

        return new Product(column, row);
    }

    private readonly record struct Product(double[] Column, double[] Row);

    /// <summary>A plane to write to.</summary>
    private readonly ref struct Area(Span<float> pixels, int width, int height)
    {
        public Span<float> Pixels { get; } = pixels;
        public int Width { get; } = width;
        public int Height { get; } = height;
    }

    /// <summary>Weights that are not zero and where they lie, relative to the first pixel under the kernel.</summary>
    private sealed class Taps
    {
        private const double Zero = 1e-10;

        private readonly float[] _weights;
        private readonly int[] _offsets;

        public Taps(double[] weights, int columns, int stride)
        {
            int[] kept = [.. Enumerable.Range(0, weights.Length).Where(index => Math.Abs(weights[index]) > Zero)];
            _weights = Array.ConvertAll(kept, index => (float)weights[index]);
            _offsets = Array.ConvertAll(kept, index => (index / columns * stride) + (index % columns));
        }

        public void Correlate(ReadOnlySpan<float> source, int sourceStride, Area target, bool add)
        {
            for (var y = 0; y < target.Height; y++)
            {
                var row = target.Pixels.Slice(y * target.Width, target.Width);
                if (!add)
                {
                    row.Clear();
                }

                AddTo(row, source[(y * sourceStride)..]);
            }
        }

        private void AddTo(Span<float> target, ReadOnlySpan<float> source)
        {
            var lanes = Vector<float>.Count;
            var x = 0;
            for (; x <= target.Length - (4 * lanes); x += 4 * lanes)
            {
                AddToFour(target[x..], source[x..]);
            }

            for (; x <= target.Length - lanes; x += lanes)
            {
                var sum = new Vector<float>(target[x..]);
                for (var tap = 0; tap < _weights.Length; tap++)
                {
                    var weight = new Vector<float>(_weights[tap]);
                    var under = new Vector<float>(source[(x + _offsets[tap])..]);
                    sum = Vector.FusedMultiplyAdd(weight, under, sum);
                }

                sum.CopyTo(target[x..]);
            }

            for (; x < target.Length; x++)
            {
                for (var tap = 0; tap < _weights.Length; tap++)
                {
                    target[x] += _weights[tap] * source[x + _offsets[tap]];
                }
            }
        }

        /// <summary>Four vectors side by side keep both multiply units busy.</summary>
        private void AddToFour(Span<float> target, ReadOnlySpan<float> source)
        {
            var lanes = Vector<float>.Count;
            var sum0 = new Vector<float>(target);
            var sum1 = new Vector<float>(target[lanes..]);
            var sum2 = new Vector<float>(target[(2 * lanes)..]);
            var sum3 = new Vector<float>(target[(3 * lanes)..]);
            for (var tap = 0; tap < _weights.Length; tap++)
            {
                var weight = new Vector<float>(_weights[tap]);
                var under = source[_offsets[tap]..];
                sum0 = Vector.FusedMultiplyAdd(weight, new Vector<float>(under), sum0);
                sum1 = Vector.FusedMultiplyAdd(weight, new Vector<float>(under[lanes..]), sum1);
                sum2 = Vector.FusedMultiplyAdd(weight, new Vector<float>(under[(2 * lanes)..]), sum2);
                sum3 = Vector.FusedMultiplyAdd(weight, new Vector<float>(under[(3 * lanes)..]), sum3);
            }

            sum0.CopyTo(target);
            sum1.CopyTo(target[lanes..]);
            sum2.CopyTo(target[(2 * lanes)..]);
            sum3.CopyTo(target[(3 * lanes)..]);
        }
    }
}
