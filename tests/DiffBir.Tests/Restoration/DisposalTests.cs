using DiffBir.Engine;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Sampling;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

/// <summary>However a restoration ends, no image, no latent and no scratch file stays behind.</summary>
public sealed class DisposalTests : IDisposable
{
    private const int Samples = 2;

    // So little that every image and every latent lies in a scratch file, and is counted.
    private const long NoMemory = 1;

    private readonly ModelPack _pack = PackCatalog.Find("mini");
    private readonly RestorationNetworks _networks;
    private readonly Photo _lq = Photo.Of(Pictures.Gradient(48, 72), new Tensor(1, 1, 48, 72));

    public DisposalTests()
    {
        var options = new RestorationOptions
        {
            Upscale = 1,
            Samples = Samples,
            BatchSize = 1,
            Sampling = new() { Steps = 2, Start = StartPoint.Condition },
            Guidance = new() { Scale = 1, Space = GuidanceSpace.Latent },
            Tiling = new() { Tile = TileChoice.Off },
            Engine = new() { Device = Device.Cpu, Threads = 1 },
        };
        var settings = options.Settle(_pack);
        var tiling = settings.Tiling with { MemoryLimit = MemoryLimit.Of(NoMemory) };
        _networks = new RestorationNetworks(_pack, settings with { Tiling = tiling }, new PackFiles(_pack));
    }

    public void Dispose()
    {
        _lq.Dispose();
        _networks.Dispose();
    }

    [Fact]
    public void After_a_restoration_only_the_results_are_left()
    {
        var results = Restore((_, _) => { });

        results.Count.ShouldBe(Samples);
        Undisposed.ShouldBe(2 * Samples, "The pixels and the opacity of each");
        foreach (var photo in results)
        {
            photo.Dispose();
        }

        Undisposed.ShouldBe(0);
    }

    [Fact]
    public void Cancelled_anywhere_it_leaves_nothing()
    {
        foreach (var at in Turns.Of(KindsOfEvents()))
        {
            using var cancellation = new CancellationTokenSource();

            Should.Throw<OperationCanceledException>(
                () => Restore((number, _) => CancelAt(number, at, cancellation), cancellation.Token),
                $"event {at}"
            );

            Undisposed.ShouldBe(0, $"Cancelled at event {at}");
        }
    }

    [Fact]
    public void Failed_anywhere_it_leaves_nothing()
    {
        foreach (var at in Turns.Of(KindsOfEvents()))
        {
            Should.Throw<TimeoutException>(() => Restore((number, _) => FailAt(number, at)), $"event {at}");

            Undisposed.ShouldBe(0, $"Failed at event {at}");
        }
    }

    private int Undisposed => _networks.Images.ScratchImages + _networks.LatentPlanes.ScratchImages;

    private static void CancelAt(int number, int at, CancellationTokenSource cancellation)
    {
        if (number == at)
        {
            cancellation.Cancel();
        }
    }

    private static void FailAt(int number, int at)
    {
        if (number == at)
        {
            throw new TimeoutException();
        }
    }

    /// <summary>What a caller hears of a restoration: its progress through the stages, and images from the middle of the work.</summary>
    private List<Enum> KindsOfEvents()
    {
        var kinds = new List<Enum>();
        foreach (var photo in Restore((_, kind) => kinds.Add(kind)))
        {
            photo.Dispose();
        }

        Turns.Of(kinds).Count.ShouldBeGreaterThan(5 * Samples);
        return kinds;
    }

    private IReadOnlyList<Photo> Restore(Action<int, Enum> onEvent, CancellationToken cancellation = default)
    {
        var heard = 0;
        var events = new RestorationEvents
        {
            OnProgress = progress => onEvent(heard++, progress.Stage),
            OnIntermediate = image =>
            {
                using var rendered = image.Render();
                onEvent(heard++, image.Kind);
            },
        };
        using var run = new RestorationRun(_networks, _lq, events, cancellation);
        Pipeline.Of(_pack, _networks.Settings).Run(run);
        return run.TakeResults();
    }
}
