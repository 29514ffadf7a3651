using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Sampling;

/// <summary>Latents in scratch files: the same numbers as in memory, and none is left behind.</summary>
public sealed class LatentTests : IDisposable
{
    private static readonly int[] LatentShape = [2, 4, 20, 12];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. SamplerNames.All];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sampler_computes_in_files_what_it_computes_in_memory(string name)
    {
        using var files = OnDisk();
        using var memory = new LatentStore(PlanarStorage.Memory);

        var expected = Sample(name, memory);
        var actual = Sample(name, files);

        actual.ToTensor().Data.ShouldBe(expected.ToTensor().Data);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_leaves_no_more_behind_than_the_one_before(string name)
    {
        using var files = OnDisk();
        var open = new List<int>();

        Sample(name, files, step => open.Add(files.Count));

        // The third-order solver remembers two steps.
        open.Skip(4).Distinct().Count().ShouldBeLessThanOrEqualTo(2);
        files.Count.ShouldBe(4); // what the sampler was given, and its result
    }

    [Fact]
    public void A_run_that_fails_leaves_nothing_behind()
    {
        using var files = OnDisk();

        Should.Throw<TimeoutException>(() =>
            Sample("edm_dpm++_3m_sde", files, step => throw new TimeoutException($"{step.Step}"))
        );

        files.Count.ShouldBe(3);
    }

    [Fact]
    public void A_scope_frees_what_it_does_not_keep()
    {
        using var files = OnDisk();
        Latent outer;
        using (var scope = files.Begin())
        {
            var gone = files.Create(LatentShape);
            outer = scope.Keep(files.Create(LatentShape));
            using (files.Begin())
            {
                files.Create(LatentShape);
                files.Count.ShouldBe(3);
            }

            files.Count.ShouldBe(2);
            gone.Planes.Write(0, [1]);
        }

        files.Count.ShouldBe(1);
        outer.Planes.Write(0, [1]);
        files.Dispose();
        Should.Throw<ObjectDisposedException>(() => outer.ToTensor());
    }

    [Fact]
    public void Arithmetic_in_files_equals_arithmetic_in_memory()
    {
        using var files = OnDisk();
        var (x, y) = (new TorchRandom(1).Normal(LatentShape), new TorchRandom(2).Normal(LatentShape));
        Func<Latent, Latent, Latent>[] operations =
        [
            (x, _) => LatentMath.Scale(0.3, x),
            (x, _) => LatentMath.Divide(x, 0.3),
            (x, y) => LatentMath.Combine(0.3, x, 0.7, y),
            (x, y) => LatentMath.AddScaled(x, 0.3, y),
            (x, y) => LatentMath.DividedDifference(x, y, 0.3),
            (x, y) => LatentMath.Extrapolate(x, y, 0.3),
            LatentMath.Multiply,
            LatentMath.Stack,
            (x, _) => LatentMath.Images(x, 1, 1),
            (x, _) => LatentMath.Repeat(LatentMath.Images(x, 0, 1), 3),
            (x, _) => LatentMath.Halve(x).Second,
            (x, _) => LatentMath.Resize(x, 24, 16),
            (x, _) => LatentMath.Resize(x, 7, 5),
            (x, _) => LatentMath.Crop(x, new(3, 2, 10, 6)),
        ];

        foreach (var operation in operations)
        {
            var (actual, expected) = (operation(In(files, x), In(files, y)), operation(x, y));
            actual.ShouldBeCloseTo(expected, 0);
        }
    }

    [Fact]
    public void A_smaller_latent_is_the_corner_and_a_larger_one_has_zeros_around_it()
    {
        Latent latent = new Tensor([1, 2, 3, 4], 1, 1, 2, 2);

        LatentMath.Resize(latent, 1, 2).ToTensor().Data.ShouldBe([1, 2]);
        LatentMath.Resize(latent, 3, 3).ToTensor().Data.ShouldBe([1, 2, 0, 3, 4, 0, 0, 0, 0]);
        LatentMath.Resize(latent, 2, 2).ShouldBeSameAs(latent);
    }

    private static Latent Sample(string name, LatentStore store, Action<SamplingStep>? onStep = null)
    {
        var random = new TorchRandom(3);
        var (start, target) = (In(store, random.Normal(LatentShape)), In(store, random.Normal(LatentShape)));
        var condition = new DenoiserCondition(random.Normal(2, 3, 4), In(store, random.Normal(LatentShape)));
        var network = new ClassifierFreeGuidance(
            new TiledNoisePredictor(new ToyNetwork(), 8, 4),
            condition,
            condition,
            new CfgScale(3)
        );
        var denoiser = new RestorationGuidance(
            new CleanPredictor(network, Parameterization.V),
            new MseLoss(() => target),
            new GuidanceSettings { Scale = 0.01 }
        );
        var run = new SamplingRun
        {
            Schedule = NoiseSchedule.ScaledLinear(),
            Steps = 8,
            Noise = new TorchRandom(7),
            OnStep = onStep,
        };
        return Lively(SamplerNames.Parse(name)).Sample(denoiser, start, run);
    }

    // Otherwise these would draw no noise, and remember one slope.
    private static Sampler Lively(Sampler sampler) =>
        sampler switch
        {
            EdmLms lms => lms with { Order = 3 },
            EdmChurnSampler churn => churn with { SChurn = 2, STMax = 10_000 },
            _ => sampler,
        };

    private static Latent In(LatentStore store, Tensor values)
    {
        var latent = store.Create(values.Shape);
        latent.Planes.Write(0, values.Span);
        return latent;
    }

    private LatentStore OnDisk() => new(new PlanarStorage(maxBytesInMemory: 0, _folder.Path));
}
