using System.Numerics;
using DiffBir.Graphs;

namespace DiffBir.Autoencoding;

/// <summary>Mean and variance of each group of channels of a norm's input.</summary>
/// <param name="Means">One for each group of each image of the batch.</param>
/// <param name="Variances">Likewise.</param>
/// <param name="Pixels">How many pixels they were taken over.</param>
internal sealed record GroupNormStatistics(double[] Means, double[] Variances, long Pixels)
{
    /// <summary>Measures a rectangle of a value [B,C,H,W].</summary>
    public static GroupNormStatistics Of(Tensor x, Region part, int groups)
    {
        var count = x.Size(0) * groups;
        var planes = x.Size(1) / groups;
        var pixels = (long)part.Rows.Length * part.Columns.Length;
        var (means, variances) = (new double[count], new double[count]);
        Parallel.For(
            0,
            count,
            group =>
            {
                means[group] = Sum(group, SumOfRow) / (pixels * planes);
                variances[group] = Sum(group, row => SumOfSquares(row, means[group])) / (pixels * planes);
            }
        );
        return new GroupNormStatistics(means, variances, pixels);

        double Sum(int group, Func<ReadOnlySpan<float>, double> ofRow)
        {
            var total = 0.0;
            for (var plane = group * planes; plane < (group + 1) * planes; plane++)
            {
                for (var row = part.Rows.Start; row < part.Rows.End; row++)
                {
                    var start = (((plane * x.Size(2)) + row) * x.Size(3)) + part.Columns.Start;
                    total += ofRow(x.Data.AsSpan(start, part.Columns.Length));
                }
            }

            return total;
        }
    }

    /// <summary>The moments of parts taken together.</summary>
    public static GroupNormStatistics Join(IReadOnlyList<GroupNormStatistics> parts)
    {
        var joined = JoinWithoutSpread(parts);
        for (var group = 0; group < joined.Means.Length; group++)
        {
            joined.Variances[group] += parts.Sum(part =>
                Math.Pow(part.Means[group] - joined.Means[group], 2) * part.Pixels / joined.Pixels
            );
        }

        return joined;
    }

    /// <summary>The means of the parts' moments, by their pixels: lacks the variance between the parts.</summary>
    public static GroupNormStatistics JoinWithoutSpread(IReadOnlyList<GroupNormStatistics> parts)
    {
        var pixels = parts.Sum(part => part.Pixels);
        return new GroupNormStatistics(
            [.. parts[0].Means.Select((_, group) => Mean(part => part.Means[group]))],
            [.. parts[0].Variances.Select((_, group) => Mean(part => part.Variances[group]))],
            pixels
        );

        double Mean(Func<GroupNormStatistics, double> value) => parts.Sum(part => value(part) * part.Pixels / pixels);
    }

    /// <summary>Gives a norm the mean and the reciprocal deviation of each channel's group.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="values">Receives both, [B,C,1,1], under the names of the norm's inputs.</param>
    public void Feed(FixedGroupNorm norm, IDictionary<string, Tensor> values)
    {
        var (batch, channels) = (norm.X.Shape[0], norm.X.Shape[1]);
        var mean = new Tensor(batch, channels, 1, 1);
        var reciprocal = new Tensor(batch, channels, 1, 1);
        for (var index = 0; index < mean.Length; index++)
        {
            var group = index / (channels / norm.Norm.Groups);
            mean.Data[index] = (float)Means[group];
            reciprocal.Data[index] = (float)(1 / Math.Sqrt(Variances[group] + norm.Norm.Epsilon));
        }

        (values[norm.Mean], values[norm.Reciprocal]) = (mean, reciprocal);
    }

    // TensorPrimitives.Sum adds in an order that depends on where the array lies in memory: two runs would differ.
    private static double SumOfRow(ReadOnlySpan<float> row)
    {
        var sums = Vector<double>.Zero;
        var index = 0;
        for (; index <= row.Length - Vector<float>.Count; index += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[index..]), out var low, out var high);
            sums += low + high;
        }

        var sum = Vector.Sum(sums);
        for (; index < row.Length; index++)
        {
            sum += row[index];
        }

        return sum;
    }

    private static double SumOfSquares(ReadOnlySpan<float> row, double mean)
    {
        var (sums, means) = (Vector<double>.Zero, new Vector<double>(mean));
        var index = 0;
        for (; index <= row.Length - Vector<float>.Count; index += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[index..]), out var low, out var high);
            (low, high) = (low - means, high - means);
            sums += (low * low) + (high * high);
        }

        var sum = Vector.Sum(sums);
        for (; index < row.Length; index++)
        {
            sum += (row[index] - mean) * (row[index] - mean);
        }

        return sum;
    }
}
