using DiffBir.Checkpoints;
using DiffBir.Randomness;
using DiffBir.Tests.Checkpoints;

namespace DiffBir.Bench.Mutations;

/// <summary>Damaged checkpoints of every container, opened and read to the last tensor.</summary>
internal sealed class CheckpointMutations : MutationTarget
{
    private const int LargeOneIn = 64; // they take long and hit the same code
    private const long RefusalBytes = 1 << 20; // buffers and messages
    private const int MaxMessageLength = 500;

    private readonly CheckpointSeed[] _small;
    private readonly CheckpointSeed[] _large;
    private readonly string _folder = Directory.CreateTempSubdirectory("diffbir-bench-").FullName;
    private readonly FileStream _file;
    private CheckpointSeed _seed;
    private long _undamaged;
    private long _taken;

    public CheckpointMutations(IReadOnlyList<string> files)
    {
        var golden = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "checkpoints"));
        CheckpointSeed[] seeds =
        [
            CheckpointSeed.Generated(),
            .. golden.Concat(files).Order(StringComparer.Ordinal).SelectMany(CheckpointSeed.Of),
        ];
        _small = [.. seeds.Where(seed => seed.IsSmall)];
        _large = [.. seeds.Where(seed => !seed.IsSmall)];
        // One file whose content is replaced: truncating it costs a flush.
        _file = new FileStream(
            Path.Combine(_folder, "x.pth"),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.ReadWrite,
            bufferSize: 0
        );
        _seed = seeds[0];
        foreach (var seed in seeds)
        {
            seed.Write(_file, seed.Index);
            if (Read() is { } refusal)
            {
                throw new InvalidOperationException($"A seed is no valid checkpoint: {refusal}");
            }

            _undamaged = Math.Max(_undamaged, _taken);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Tensors may share a storage, and eight bits become 32.</remarks>
    public override long AllowedBytes => RefusalBytes + (_seed.IsSmall ? 0 : 2 * _undamaged);

    /// <inheritdoc/>
    public override long BytesTaken => _taken;

    /// <inheritdoc/>
    public override void Damage(ulong seed)
    {
        var random = new SplitMix64(~seed);
        var seeds = _large.Length > 0 && random.Integer(LargeOneIn) == 0 ? _large : _small;
        _seed = seeds[random.Integer(seeds.Length)];
        var other = _small[random.Integer(_small.Length)].Index;
        _seed.Write(_file, new Mutator(seed).Mutate(_seed.Index, other, keepLength: seed % 2 == 0));
    }

    /// <inheritdoc/>
    public override string? Read()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var checkpoint = Checkpoint.Open(_file.Name);
            foreach (var name in checkpoint.Tensors.Keys)
            {
                checkpoint.Read(name);
            }

            return null;
        }
        catch (CheckpointException refusal)
        {
            MutationRange.ValidateSentence(refusal.Message, MaxMessageLength);
            return refusal.Message;
        }
        finally
        {
            _taken = GC.GetAllocatedBytesForCurrentThread() - before - _file.Length;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
