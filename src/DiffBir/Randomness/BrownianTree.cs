namespace DiffBir.Randomness;

/// <summary>A Brownian path that is fixed by a seed alone, as <c>torchsde.BrownianTree</c> makes it.</summary>
/// <remarks>
/// The stretch is halved until a queried point is met; each half gets its share of the parent's increment by a
/// Brownian bridge whose noise comes from a generator seeded by the half's place in the tree. Nothing is kept
/// between queries. Pieces are added in the order that needs the least memory, not from left to right, so a sum
/// may differ from the original's in the last bit.
/// </remarks>
internal sealed class BrownianTree : IBrownianPath
{
    private const int PoolSize = 24;

    private readonly UInt128 _entropy;
    private readonly double _start;
    private readonly double _end;
    private readonly int[] _shape;

    public BrownianTree(long entropy, float start, float end, ReadOnlySpan<int> shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(entropy);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, end);
        (_entropy, _start, _end) = ((UInt128)entropy, Round(start), Round(end));
        _shape = shape.ToArray();
    }

    /// <inheritdoc/>
    public Tensor Step(float sigma, float sigmaNext)
    {
        var from = Math.Clamp(Math.Min(sigma, sigmaNext), _start, _end);
        var to = Math.Clamp(Math.Max(sigma, sigmaNext), _start, _end);
        var sum = new Tensor(_shape);
        if (from < to)
        {
            Add(new Node(_start, _end, 0, 0), RootIncrement(), Round(from), Round(to), sum);
        }

        var scale = MathF.Sqrt(MathF.Abs(sigmaNext - sigma));
        scale = sigmaNext < sigma ? -scale : scale;
        foreach (ref var value in sum.Span)
        {
            value /= scale;
        }

        return sum;
    }

    private Tensor RootIncrement()
    {
        var increment = Normal(SeedSequence.Generate(_entropy, [], PoolSize, 1)[0]);
        Scale(increment, (float)Math.Sqrt(_end - _start));
        return increment;
    }

    // Adds the increment over [from, to], of which a part lies within the node. Overwrites the node's increment.
    private void Add(Node node, Tensor increment, double from, double to, Tensor sum)
    {
        if (from <= node.Start && node.End <= to)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum.Data[i] += increment.Data[i];
            }

            return;
        }

        var middle = Round(0.5 * (node.Start + node.End));
        var left = new Node(node.Start, middle, 2 * node.Key, node.Depth + 1);
        var right = new Node(middle, node.End, 2 * node.Key + 1, node.Depth + 1);
        if (to <= middle)
        {
            Bridge(node, middle, increment, rest: null);
            Add(left, increment, from, to, sum);
        }
        else if (from >= middle)
        {
            Bridge(node, middle, new Tensor(_shape), rest: increment);
            Add(right, increment, from, to, sum);
        }
        else
        {
            var rest = increment.Clone();
            Bridge(node, middle, increment, rest);
            // The half that lies within [from, to] first: then no increment waits while the other half is cut on.
            if (from <= node.Start)
            {
                Add(left, increment, from, to, sum);
                Add(right, rest, from, to, sum);
            }
            else
            {
                Add(right, rest, from, to, sum);
                Add(left, increment, from, to, sum);
            }
        }
    }

    // increment: the node's on entry, its left half's on return. rest: likewise, its right half's on return.
    private void Bridge(Node node, double middle, Tensor increment, Tensor? rest)
    {
        var whole = (rest ?? increment).Data;
        var leftLength = middle - node.Start;
        var perLength = 1 / (node.End - node.Start);
        var deviation = (float)Math.Sqrt(leftLength * (node.End - middle) * perLength);
        var noise = Normal(SeedSequence.Generate(_entropy, [node.Key, (UInt128)node.Depth], PoolSize, 1)[0]);
        for (var i = 0; i < whole.Length; i++)
        {
            var mean = (float)leftLength * whole[i] * (float)perLength;
            var left = mean + deviation * noise.Data[i];
            if (rest is not null)
            {
                rest.Data[i] = whole[i] - left;
            }

            increment.Data[i] = left;
        }
    }

    private Tensor Normal(uint seed) => new TorchRandom(seed).Normal(_shape);

    private static void Scale(Tensor tensor, float factor)
    {
        foreach (ref var value in tensor.Span)
        {
            value *= factor;
        }
    }

    // Points are multiples of 1e-6, rounded like Python's round(x, 6): the exact value decides, ties go to even.
    private static double Round(double x)
    {
        const double PerUnit = 1e6;
        var scaled = x * PerUnit;
        var error = Math.FusedMultiplyAdd(x, PerUnit, -scaled);
        var whole = Math.Floor(scaled);
        var overHalf = scaled - whole - 0.5 + error;
        var up = overHalf > 0 || (overHalf == 0 && whole % 2 != 0);
        return (up ? whole + 1 : whole) / PerUnit;
    }

    private readonly record struct Node(double Start, double End, UInt128 Key, int Depth);
}
