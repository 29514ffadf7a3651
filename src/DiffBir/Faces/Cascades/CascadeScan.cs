namespace DiffBir.Faces.Cascades;

/// <summary>Looks at the windows of a picture of one size.</summary>
/// <param name="cascade">What is looked for.</param>
/// <param name="image">The picture's sums.</param>
internal sealed class CascadeScan(Cascade cascade, IntegralImage image)
{
    /// <summary>A window's edge, whose values its deviation leaves out.</summary>
    private const int Rim = 1;

    /// <summary>Windows whose values deviate by less, in 255ths, show nothing.</summary>
    private const double MinDeviation = 10;

    private readonly Corner[][] _features = Array.ConvertAll(cascade.Features, feature => Corners(feature, image.Stride));

    /// <summary>The windows that pass all stages, by their left top pixels.</summary>
    /// <param name="step">Pixels from one window to the next.</param>
    /// <param name="cancellation">Ends the work between two rows.</param>
    public IEnumerable<(int X, int Y)> Passing(int step, CancellationToken cancellation)
    {
        for (var y = 0; y <= image.Height - cascade.Height; y += step)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var x = 0; x <= image.Width - cascade.Width; x += step)
            {
                var passed = Passed(x, y);
                if (passed == cascade.Stages.Length)
                {
                    yield return (x, y);
                }

                // Beside a window that fails at once there is nothing either.
                x += passed == 0 ? step : 0;
            }
        }
    }

    /// <summary>How many stages a window passes before it fails; -1 where it shows nothing.</summary>
    private int Passed(int x, int y)
    {
        if (InverseDeviation(x, y) is not { } inverseDeviation)
        {
            return -1;
        }

        var origin = (y * image.Stride) + x;
        for (var i = 0; i < cascade.Stages.Length; i++)
        {
            var stage = cascade.Stages[i];
            var sum = 0.0;
            foreach (var tree in stage.Trees)
            {
                sum += Answer(tree, origin, inverseDeviation);
            }

            // Not a number is no face either.
            if (!(sum >= stage.Threshold))
            {
                return i;
            }
        }

        return cascade.Stages.Length;
    }

    /// <summary>What makes features independent of light and contrast: 1 / (area · deviation).</summary>
    private float? InverseDeviation(int x, int y)
    {
        var (width, height) = (cascade.Width - (2 * Rim), cascade.Height - (2 * Rim));
        var (sum, squares) = image.Of(x + Rim, y + Rim, width, height);
        double area = width * height;
        var squaredAreaTimesVariance = (area * squares) - ((double)sum * sum);
        var inverse = (float)(1 / Math.Sqrt(squaredAreaTimesVariance));
        return squaredAreaTimesVariance > 0 && area * inverse < 1 / MinDeviation ? inverse : null;
    }

    private float Answer(DecisionTree tree, int origin, float inverseDeviation)
    {
        var next = 0;
        do
        {
            ref readonly var node = ref tree.Nodes[next];
            next = Value(node.Feature, origin) * inverseDeviation < node.Threshold ? node.Left : node.Right;
        } while (next > 0);

        return tree.Leaves[-next];
    }

    private float Value(int feature, int origin)
    {
        var sums = cascade.Features[feature].IsTilted ? image.TiltedSums : image.Sums;
        var value = 0f;
        foreach (var (a, b, c, d, weight) in _features[feature])
        {
            value += weight * (sums[origin + a] - sums[origin + b] - sums[origin + c] + sums[origin + d]);
        }

        return value;
    }

    private static Corner[] Corners(HaarFeature feature, int stride) =>
        Array.ConvertAll(feature.Rectangles, rectangle => CornersOf(rectangle, feature.IsTilted, stride));

    private static Corner CornersOf(HaarRectangle rectangle, bool isTilted, int stride)
    {
        var (x, y, width, height, weight) = rectangle;
        var top = (y * stride) + x;
        // A tilted rectangle reaches from its top corner to the right by its width and to the left by its height, both also downwards.
        var (right, left) = isTilted ? ((width * stride) + width, (height * stride) - height) : (width, height * stride);
        return new(top, top + right, top + left, top + right + left, weight);
    }

    /// <summary>Where a rectangle's four sums are, counted from those of the window.</summary>
    private readonly record struct Corner(int A, int B, int C, int D, float Weight);
}
