using DiffBir.Degradation;
using DiffBir.Imaging;

namespace DiffBir.Metrics;

/// <summary>How the pixels of a photo vary once local brightness and contrast are taken out: 36 numbers for each block (Mittal, Soundararajan, Bovik 2013).</summary>
internal static class NaturalSceneFeatures
{
    /// <summary>Numbers for a block: 18 at full and 18 at half resolution.</summary>
    public const int Count = 2 * PerScale;

    /// <summary>The side of a block, in pixels.</summary>
    public const int BlockSize = 96;

    private const int PerScale = 18;
    private const double Nothing = 1e-9; // gray levels: what the window's rounding leaves of a flat place; its signs would be features
    private const double GrayStep = 1; // added to the local deviation so that flat places stay finite

    private static readonly GaussianWindow Window = new(7, 7.0 / 6);

    // Where the neighbors lie whose products with each pixel are looked at: right, below, and the two diagonals.
    private static readonly (int Y, int X)[] Neighbors = [(0, 1), (1, 0), (1, 1), (1, -1)];

    /// <summary>Measures every whole block, from the top left.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <returns>The features and the sharpness (mean local deviation) of each block, row by row.</returns>
    public static IReadOnlyList<Block> Of(Tensor image01)
    {
        var (rows, columns) = (image01.Size(2) / BlockSize, image01.Size(3) / BlockSize);
        if (rows == 0 || columns == 0)
        {
            return [];
        }

        var gray = Luma.StudioLevels(Framing.Crop(image01, new(0, 0, rows * BlockSize, columns * BlockSize)));
        var half = HalfSize.Of(gray);
        var blocks = new Block[rows * columns];
        Parallel.For(
            0,
            rows,
            row =>
            {
                var fine = Normalized.Strip(gray, row * BlockSize, BlockSize);
                var coarse = Normalized.Strip(half, row * BlockSize / 2, BlockSize / 2);
                for (var column = 0; column < columns; column++)
                {
                    var features = new double[Count];
                    var sharpness = Measure(fine, column, BlockSize, features.AsSpan(0, PerScale));
                    Measure(coarse, column, BlockSize / 2, features.AsSpan(PerScale));
                    blocks[(row * columns) + column] = new Block(features, sharpness);
                }
            }
        );
        return blocks;
    }

    private static double Measure(Normalized strip, int column, int size, Span<double> features)
    {
        var block = strip.Block(column, size);
        var fit = AsymmetricGaussian.Fit(block);
        features[0] = fit.Shape;
        features[1] = (fit.Left + fit.Right) / 2;
        var products = new double[block.Length];
        for (var neighbor = 0; neighbor < Neighbors.Length; neighbor++)
        {
            var (shiftY, shiftX) = Neighbors[neighbor];
            for (var index = 0; index < block.Length; index++)
            {
                // Neighbors beyond the block are those of its other side, as in the published implementation.
                var y = ((index / size) - shiftY + size) % size;
                var x = ((index % size) - shiftX + size) % size;
                products[index] = block[index] * block[(y * size) + x];
            }

            fit = AsymmetricGaussian.Fit(products);
            var target = features[(2 + (4 * neighbor))..];
            (target[0], target[1], target[2], target[3]) = (fit.Shape, fit.Mean, fit.Left, fit.Right);
        }

        return strip.MeanDeviation(column, size);
    }

    /// <summary>What is known of a block.</summary>
    /// <param name="Features">As many as <see cref="Count"/>; some are NaN in flat blocks.</param>
    /// <param name="Sharpness">The mean local deviation, in gray levels.</param>
    public sealed record Block(double[] Features, double Sharpness);

    /// <summary>Rows of an image with local mean and contrast taken out.</summary>
    private sealed class Normalized
    {
        private readonly int _width;
        private readonly double[] _values;
        private readonly double[] _deviations;

        private Normalized(int width, double[] mean, double[] meanOfSquares, ReadOnlySpan<double> pixels, int halo)
        {
            _width = width;
            _values = mean;
            _deviations = meanOfSquares;
            var paddedWidth = width + (2 * halo);
            for (var index = 0; index < mean.Length; index++)
            {
                var pixel = pixels[(((index / width) + halo) * paddedWidth) + (index % width) + halo];
                var deviation = Math.Sqrt(Math.Abs(meanOfSquares[index] - (mean[index] * mean[index])));
                var difference = pixel - mean[index];
                _values[index] = Math.Abs(difference) < Nothing ? 0 : difference / (deviation + GrayStep);
                _deviations[index] = deviation;
            }
        }

        public static Normalized Strip(Tensor gray, int top, int rows)
        {
            var (height, width) = (gray.Size(2), gray.Size(3));
            var halo = Window.Size / 2;
            var paddedWidth = width + (2 * halo);
            var pixels = new double[(rows + (2 * halo)) * paddedWidth];
            for (var index = 0; index < pixels.Length; index++)
            {
                var y = Math.Clamp(top + (index / paddedWidth) - halo, 0, height - 1);
                var x = Math.Clamp((index % paddedWidth) - halo, 0, width - 1);
                pixels[index] = gray.Data[(y * width) + x];
            }

            var mean = new double[rows * width];
            var meanOfSquares = new double[rows * width];
            Window.Apply(pixels, paddedWidth, mean);
            Window.Apply(Array.ConvertAll(pixels, pixel => pixel * pixel), paddedWidth, meanOfSquares);
            return new Normalized(width, mean, meanOfSquares, pixels, halo);
        }

        public double[] Block(int column, int size) => Copy(_values, column, size);

        public double MeanDeviation(int column, int size) => Copy(_deviations, column, size).Average();

        private double[] Copy(double[] values, int column, int size)
        {
            var block = new double[size * size];
            for (var y = 0; y < size; y++)
            {
                values.AsSpan((y * _width) + (column * size), size).CopyTo(block.AsSpan(y * size));
            }

            return block;
        }
    }
}
