using DiffBir.Imaging;
using DiffBir.Tests.Imaging;

namespace DiffBir.Bench.Mutations;

/// <summary>Damaged pictures of every format, decoded whole.</summary>
internal sealed class ImageMutations : MutationTarget
{
    private const int MaxChanges = 6;
    private const string Ink = "jpeg cmyk";
    private const int InkOneIn = 150; // ink goes through a profile, which takes its time
    private const int MaxMessageLength = 400;
    private const string Name = "test image";

    private static readonly ImageReadOptions Options = new() { MaxPixels = 1_000_000, MaxMemory = 256_000_000 };

    private readonly byte[][] _seeds;
    private readonly byte[] _ink;
    private byte[] _damaged = [];
    private long _taken;

    public ImageMutations(IReadOnlyList<string> files)
    {
        NetVips.NetVips.Concurrency = 1;
        var generated = HostileFiles.SeedFiles();
        _ink = generated[Ink];
        generated.Remove(Ink);
        _seeds = [.. generated.Values, .. files.Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    /// <inheritdoc/>
    /// <remarks>The process's memory: half of the limit for files that are decoded whole, a megapixel as floats, the codecs.</remarks>
    public override long AllowedBytes => Options.MaxMemory!.Value;

    /// <inheritdoc/>
    public override long BytesTaken => _taken;

    /// <inheritdoc/>
    public override void Damage(ulong seed)
    {
        var random = new HostileFiles.Draws($"{seed}");
        _damaged = [.. random.Below(InkOneIn) == 0 ? _ink : _seeds[random.Below(_seeds.Length)]];
        for (var change = random.Below(MaxChanges); change >= 0; change--)
        {
            HostileFiles.Mutate(ref _damaged, random);
        }
    }

    /// <inheritdoc/>
    public override string? Read()
    {
        var before = PeakMemory.Restart();
        try
        {
            using var stream = new MemoryStream(_damaged);
            using var photo = ImageFile.Read(stream, Name, Options);
            if ((long)photo.Width * photo.Height > Options.MaxPixels)
            {
                throw new InvalidOperationException($"{photo.Width}×{photo.Height} pixels were decoded.");
            }

            return null;
        }
        catch (ImageException refusal)
        {
            MutationRange.ValidateSentence(refusal.Message, MaxMessageLength);
            return refusal.Message;
        }
        finally
        {
            _taken = PeakMemory.Highest() - before;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() { }
}
