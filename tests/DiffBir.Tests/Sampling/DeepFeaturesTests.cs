using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Tests.Sampling;

public sealed class DeepFeaturesTests
{
    private static readonly DeepPlace Place = new(Top: 0, Left: 0, Image: 0);
    private static readonly DeepPlace Other = new(Top: 8, Left: 0, Image: 0);
    private static readonly DeepPlace Second = new(Top: 0, Left: 0, Image: 1);

    public static TheoryData<string> Samplers => [.. SamplerNames.All];

    [Fact]
    public void They_are_computed_in_the_first_of_so_many_steps()
    {
        using var features = new DeepFeatures(new LatentStore(PlanarStorage.Memory), interval: 3, places: 1);

        var computed = new List<double>();
        foreach (var timestep in new double[] { 900, 700, 500, 300, 200, 100, 50 })
        {
            if (features.Find(Place, timestep, [1, 1, 1, 2]) is null)
            {
                computed.Add(timestep);
                features.Keep(Place, Of((float)timestep));
            }
        }

        computed.ShouldBe([900, 300, 50]);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(0)] // in a scratch file
    public void Each_tile_and_each_image_gets_its_own_back(long maxBytesInMemory)
    {
        var storage = new PlanarStorage(maxBytesInMemory);
        using (var features = new DeepFeatures(new LatentStore(storage), interval: 2, places: 3))
        {
            foreach (var (place, value) in new[] { (Place, 1f), (Other, 2f), (Second, 3f) })
            {
                features.Find(place, 900, [1, 1, 1, 2]).ShouldBeNull();
                features.Keep(place, Of(value));
            }

            features.Find(Second, 800, [1, 1, 1, 2])!.Data.ShouldBe([3, 3]);
            features.Find(Place, 800, [1, 1, 1, 2])!.Data.ShouldBe([1, 1]);
            features.Find(Other, 800, [1, 1, 1, 2])!.Data.ShouldBe([2, 2]);
        }

        storage.ScratchImages.ShouldBe(0);
    }

    [Fact]
    public void What_was_never_computed_is_computed_whatever_the_step()
    {
        using var features = new DeepFeatures(new LatentStore(PlanarStorage.Memory), interval: 9, places: 2);
        features.Find(Place, 900, [1, 1, 1, 2]);
        features.Keep(Place, Of(1));

        features.Find(Other, 800, [1, 1, 1, 2]).ShouldBeNull();
        features.Find(Place, 800, [1, 1, 1, 2]).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(3, 10, 0.4)]
    [InlineData(3, 9, 1 / 3.0)]
    [InlineData(100, 10, 0.1)]
    public void The_share_of_whole_steps_counts_the_first(int interval, int steps, double share) =>
        new FeatureReuse(interval, Depth: 0).FullShare(steps).ShouldBe(share, 1e-12);

    [Theory]
    [MemberData(nameof(Samplers))]
    public void A_sampler_says_truly_how_often_a_step_asks(string name)
    {
        const int Steps = 10;
        var sampler = SamplerNames.Parse(name);
        var denoiser = new Counting();

        sampler.Sample(
            denoiser,
            new TorchRandom(5).Normal(1, 1, 2, 2),
            new SamplingRun
            {
                Schedule = NoiseSchedule.ScaledLinear(),
                Steps = Steps,
                Noise = new TorchRandom(7),
            }
        );

        denoiser.Asked.ShouldBeInRange(sampler.PredictionsPerStep * (Steps - 1), sampler.PredictionsPerStep * Steps);
    }

    [Theory]
    [MemberData(nameof(Samplers))]
    public void A_sampler_that_asks_twice_in_a_step_can_reuse_nothing(string name)
    {
        var pack = PackCatalog.Find("v2");
        var sampler = SamplerNames.Parse(name);
        var options = new RestorationOptions
        {
            Sampling = new() { Sampler = sampler, CacheInterval = 2 },
        };

        if (sampler.PredictionsPerStep == 1)
        {
            options.Settle(pack).Sampling.Reuse.ShouldBe(new FeatureReuse(2, 0));
            return;
        }

        var error = Should.Throw<OptionException>(() => options.Settle(pack));
        error.Option.ShouldBe("cache-interval");
        error.Message.ShouldContain(name);
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(12, false)]
    public void A_cut_must_be_at_a_skip_connection_of_the_model(int depth, bool exists)
    {
        var options = new RestorationOptions
        {
            Sampling = new()
            {
                Sampler = new Spaced(),
                CacheInterval = 2,
                CacheDepth = depth,
            },
        };

        if (exists)
        {
            options.Settle(PackCatalog.Find("v2")).Sampling.Reuse.Depth.ShouldBe(depth);
            return;
        }

        Should.Throw<OptionException>(() => options.Settle(PackCatalog.Find("v2"))).Message.ShouldContain("0 to 11");
    }

    private static Tensor Of(float value) => new([value, value], 1, 1, 1, 2);

    private sealed class Counting : IDenoiser
    {
        public int Asked { get; private set; }

        public Latent PredictClean(Latent xt, NoiseLevel level, CancellationToken cancellation)
        {
            Asked++;
            return xt.Store.Create(xt.Shape);
        }
    }
}
