using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.EndToEnd;

/// <summary>When a restorer may be used, and when not.</summary>
public sealed class RestorerTests
{
    private const int Side = 48;

    private static readonly RestorationOptions DefaultOptions = new()
    {
        Stage1Only = true,
        Upscale = 1,
        Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
    };

    [Fact]
    public void After_its_disposal_it_refuses_to_restore()
    {
        var restorer = Restorer();
        using var lq = APhoto();
        Restore(restorer, lq).Dispose();
        restorer.Dispose();
        restorer.Dispose();

        Should.Throw<ObjectDisposedException>(() => restorer.Restore(lq)).ObjectName.ShouldBe(typeof(Restorer).FullName);
    }

    [Fact]
    public void A_second_photo_at_the_same_time_is_refused_and_the_first_is_restored()
    {
        using var restorer = Restorer();
        using var lq = APhoto();
        using var expected = Restore(restorer, lq);
        var refusals = new List<InvalidOperationException>();

        using var restored = Restore(
            restorer,
            lq,
            _ =>
            {
                // From another thread, as a server would.
                var second = Task.Run(() => Restore(restorer, lq));
                refusals.Add(Should.Throw<InvalidOperationException>(() => second.GetAwaiter().GetResult()));
            }
        );

        refusals.ShouldNotBeEmpty();
        refusals.ShouldAllBe(refusal => refusal.Message.StartsWith("This Restorer is restoring another photo."));
        restored.Pixels.ToTensor().ShouldBeCloseTo(expected.Pixels.ToTensor(), 0);
        Restore(restorer, lq).Dispose();
    }

    [Fact]
    public void Disposed_while_it_restores_it_finishes_that_photo_and_no_other()
    {
        var restorer = Restorer();
        using var lq = APhoto();

        using var restored = Restore(restorer, lq, _ => restorer.Dispose());

        restored.Height.ShouldBe(Side);
        Should.Throw<ObjectDisposedException>(() => restorer.Restore(lq));
    }

    [Fact]
    public void A_photo_that_fails_leaves_it_ready_for_the_next()
    {
        using var restorer = Restorer();
        using var lq = APhoto();

        Should.Throw<TimeoutException>(() => Restore(restorer, lq, _ => throw new TimeoutException()));

        Restore(restorer, lq).Dispose();
    }

    private static Restorer Restorer() => new(PackCatalog.Find("mini"), DefaultOptions);

    private static Photo APhoto() => Photo.Of(Pictures.Gradient(Side, Side));

    private static Photo Restore(Restorer restorer, Photo lq, Action<RestorationProgress>? onProgress = null) =>
        restorer.Restore(lq, new RestorationEvents { OnProgress = onProgress }).Single();
}
