namespace DiffBir.Randomness;

/// <summary>A Brownian path that is fixed by a seed alone, as <c>torchsde.BrownianTree</c> makes it.</summary>
/// <remarks>
/// The stretch is halved until a queried point is met; each half gets its share of the parent's increment by a
/// Brownian bridge whose noise comes from a generator seeded by the half's place in the tree. Nothing is kept
/// between queries, and of a query one part after the other is in memory. Pieces are added in the order that needs
/// the least memory, not from left to right, so a sum may differ from the original's in the last bit.
/// </remarks>
internal sealed class BrownianTree : IBrownianPath
{
    private const int PoolSize = 24;

    private readonly UInt128 _entropy;
    private readonly double _start;
    private readonly double _end;
    private readonly long _count;

    public BrownianTree(long entropy, float start, float end, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(entropy);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, end);
        (_entropy, _start, _end, _count) = ((UInt128)entropy, Round(start), Round(end), count);
    }

    /// <inheritdoc/>
    public void Step(float sigma, float sigmaNext, NoisePart receive)
    {
        var from = Math.Clamp(Math.Min(sigma, sigmaNext), _start, _end);
        var to = Math.Clamp(Math.Max(sigma, sigmaNext), _start, _end);
        var scale = MathF.Sqrt(MathF.Abs(sigmaNext - sigma));
        scale = sigmaNext < sigma ? -scale : scale;
        var draws = new Draws(_entropy);
        for (var start = 0L; start < _count; )
        {
            var sum = new float[TorchRandom.PartLength(_count - start)];
            if (from < to)
            {
                new Part(draws, Round(from), Round(to), sum).Add(new Node(_start, _end, 0, 0), RootIncrement(draws, sum.Length));
            }

            foreach (ref var value in sum.AsSpan())
            {
                value /= scale;
            }

            receive(start, sum);
            start += sum.Length;
        }
    }

    private float[] RootIncrement(Draws draws, int length)
    {
        var increment = draws.Next(null, length);
        var deviation = (float)Math.Sqrt(_end - _start);
        foreach (ref var value in increment.AsSpan())
        {
            value *= deviation;
        }

        return increment;
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

    /// <summary>Neighboring numbers of a step's increment.</summary>
    /// <param name="draws">Where the nodes' noise comes from.</param>
    /// <param name="from">Where the stretch starts.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="sum">Receives them.</param>
    private sealed class Part(Draws draws, double from, double to, float[] sum)
    {
        /// <summary>Adds the increment over the stretch, of which a part lies within a node.</summary>
        /// <param name="node">The node.</param>
        /// <param name="increment">The node's; overwritten.</param>
        public void Add(Node node, float[] increment)
        {
            if (from <= node.Start && node.End <= to)
            {
                for (var i = 0; i < sum.Length; i++)
                {
                    sum[i] += increment[i];
                }

                return;
            }

            var middle = Round(0.5 * (node.Start + node.End));
            var left = new Node(node.Start, middle, 2 * node.Key, node.Depth + 1);
            var right = new Node(middle, node.End, (2 * node.Key) + 1, node.Depth + 1);
            if (to <= middle)
            {
                Bridge(node, middle, increment, rest: null);
                Add(left, increment);
            }
            else if (from >= middle)
            {
                Bridge(node, middle, new float[sum.Length], rest: increment);
                Add(right, increment);
            }
            else
            {
                var rest = (float[])increment.Clone();
                Bridge(node, middle, increment, rest);
                // The half that lies within [from, to] first: then no increment waits while the other half is cut on.
                if (from <= node.Start)
                {
                    Add(left, increment);
                    Add(right, rest);
                }
                else
                {
                    Add(right, rest);
                    Add(left, increment);
                }
            }
        }

        // increment: the node's on entry, its left half's on return. rest: likewise, its right half's on return.
        private void Bridge(Node node, double middle, float[] increment, float[]? rest)
        {
            var whole = rest ?? increment;
            var leftLength = middle - node.Start;
            var perLength = 1 / (node.End - node.Start);
            var deviation = (float)Math.Sqrt(leftLength * (node.End - middle) * perLength);
            var noise = draws.Next(node, whole.Length);
            for (var i = 0; i < whole.Length; i++)
            {
                var mean = (float)leftLength * whole[i] * (float)perLength;
                var left = mean + (deviation * noise[i]);
                if (rest is not null)
                {
                    rest[i] = whole[i] - left;
                }

                increment[i] = left;
            }
        }
    }

    /// <summary>The generators of a step's nodes, each as far as the parts that were drawn of it.</summary>
    private sealed class Draws(UInt128 entropy)
    {
        private readonly Dictionary<(UInt128 Key, int Depth), TorchRandom> _nodes = [];
        private readonly TorchRandom _root = new(SeedSequence.Generate(entropy, [], PoolSize, 1)[0]);

        /// <summary>The next part of a node's noise; of the whole path's where there is no node.</summary>
        public float[] Next(Node? node, int length)
        {
            var random = node is { } place ? Of(place) : _root;
            var part = new float[length];
            random.FillNormal(part);
            return part;
        }

        private TorchRandom Of(Node node)
        {
            var place = (node.Key, node.Depth);
            if (!_nodes.TryGetValue(place, out var random))
            {
                random = new TorchRandom(SeedSequence.Generate(entropy, [node.Key, (UInt128)node.Depth], PoolSize, 1)[0]);
                _nodes[place] = random;
            }

            return random;
        }
    }
}
