namespace DiffBir.Randomness;

/// <summary>The numbers that PyTorch's CPU generator gives after <c>manual_seed</c>, in its order and to the last bit.</summary>
/// <remarks>Not safe for use by several threads at once: the order of the draws is the point of it.</remarks>
internal sealed class TorchRandom : INoiseSource
{
    /// <summary>The most numbers of a draw that are in memory at once.</summary>
    internal const int MaxPart = 1 << 14;

    private readonly Mt19937 _engine;
    private double? _spareNormal;

    /// <summary>Seeds the generator.</summary>
    /// <param name="seed">As given to <c>manual_seed</c>; like PyTorch, only its lower 32 bits are used.</param>
    public TorchRandom(long seed) => _engine = new Mt19937(unchecked((uint)seed));

    /// <inheritdoc/>
    /// <remarks><c>torch.randn</c>: from 16 numbers on, blocks of 16; below, one by one in double precision.</remarks>
    public void Draw(long count, NoisePart receive)
    {
        var buffer = new float[Math.Min(count, MaxPart)];
        for (var start = 0L; start < count; )
        {
            var part = buffer.AsSpan(0, PartLength(count - start));
            FillNormal(part);
            receive(start, part);
            start += part.Length;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The path of <c>torchsde.BrownianTree</c>, seeded with <c>torch.randint(0, 2**63 - 1)</c>.</remarks>
    public IBrownianPath Brownian(float sigmaMin, float sigmaMax, long count) =>
        new BrownianTree(NextInt64(0, long.MaxValue), sigmaMin, sigmaMax, count);

    /// <summary>Numbers from the uniform distribution over [0, 1): <c>torch.rand</c>.</summary>
    /// <param name="shape">The tensor's shape.</param>
    public Tensor Uniform(params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(shape);
        FillUniform(tensor.Span);
        return tensor;
    }

    /// <summary>An integer from <paramref name="low"/> up to but not including <paramref name="high"/>: <c>torch.randint</c>.</summary>
    public long NextInt64(long low, long high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(low, high);
        var range = unchecked((ulong)high - (ulong)low);
        var bits = range > uint.MaxValue ? NextUInt64() : _engine.NextUInt32();
        return unchecked((long)((ulong)low + (bits % range)));
    }

    /// <summary>
    /// The length of the next part of a draw: whole blocks, and at the end what is left, which is a block at least, because
    /// there the last 16 numbers are drawn again.
    /// </summary>
    /// <param name="left">How many numbers of the draw are still to come.</param>
    internal static int PartLength(long left) => left <= MaxPart ? (int)left : MaxPart - BoxMuller.Block;

    /// <summary>The next part of a draw.</summary>
    /// <param name="part">Receives it; as long as <see cref="PartLength"/> says.</param>
    internal void FillNormal(Span<float> part)
    {
        if (part.Length >= BoxMuller.Block)
        {
            FillBlocks(part);
            return;
        }

        foreach (ref var value in part)
        {
            value = (float)NextNormal();
        }
    }

    private void FillBlocks(Span<float> values)
    {
        FillUniform(values);
        for (var start = 0; start + BoxMuller.Block <= values.Length; start += BoxMuller.Block)
        {
            BoxMuller.Transform(values.Slice(start, BoxMuller.Block));
        }

        if (values.Length % BoxMuller.Block != 0)
        {
            // The last 16 values are drawn anew, those of them that lie in a complete block included.
            var tail = values[^BoxMuller.Block..];
            FillUniform(tail);
            BoxMuller.Transform(tail);
        }
    }

    private void FillUniform(Span<float> values)
    {
        const int MantissaBits = 24;
        foreach (ref var value in values)
        {
            var bits = _engine.NextUInt32() & ((1u << MantissaBits) - 1);
            value = bits * (1f / (1u << MantissaBits));
        }
    }

    private double NextNormal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }

        var theta = 2 * Math.PI * NextDouble();
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        _spareNormal = radius * Math.Sin(theta);
        return radius * Math.Cos(theta);
    }

    private double NextDouble()
    {
        const int MantissaBits = 53;
        return (NextUInt64() & ((1ul << MantissaBits) - 1)) * (1.0 / (1ul << MantissaBits));
    }

    private ulong NextUInt64() => ((ulong)_engine.NextUInt32() << 32) | _engine.NextUInt32();
}
