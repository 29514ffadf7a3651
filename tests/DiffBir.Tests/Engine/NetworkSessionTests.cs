using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Diffusion;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

public sealed class NetworkSessionTests
{
    // Half precision has 11 significant bits; a few layers lose two more.
    private const double HalfTolerance = 5e-3;

    private static readonly EngineOptions Processor = new() { Device = Device.Cpu };
    private static readonly Fixture BsrNet = new(Golden.PathOf("stage1/bsrnet.safetensors"));

    [Theory]
    [InlineData("bsrnet/1x16x24")]
    [InlineData("bsrnet/2x17x9")]
    public void A_network_in_the_official_format_computes_what_the_original_computes(string name)
    {
        using var session = Load(name, Processor);

        var clean = session.Run(("lq", BsrNet.Tensor($"{name}/x")))["clean"];

        clean.ShouldMatch(BsrNet.Tensor($"{name}/y"), SmallNetworks.Tolerance, name);
    }

    [LinuxFact("Elsewhere links need rights.")]
    public void Weights_behind_links_are_used_where_they_lie()
    {
        using var folder = new TemporaryFolder();
        var x = BsrNet.Tensor("bsrnet/1x16x24/x");
        var graph = RrdbNet.Build(SmallNetworks.RrdbNet, x.Size(0), x.Size(2), x.Size(3));
        var link = folder.File("BSRNet.pth");
        File.CreateSymbolicLink(link, Golden.PathOf("stage1/BSRNet.pth"));
        var linked = DiffBir.Checkpoints.Weights.From(Checkpoint.Open(link));

        using var session = NetworkSession.Create(graph, linked, Processor);

        session.Run(("lq", x))["clean"].ShouldMatch(BsrNet.Tensor("bsrnet/1x16x24/y"), SmallNetworks.Tolerance, "clean");
    }

    [Fact]
    public void Half_precision_is_half_as_precise_and_still_right()
    {
        using var session = Load("bsrnet/1x16x24", Processor with { Precision = Precision.Float16 });

        var clean = session.Run(("lq", BsrNet.Tensor("bsrnet/1x16x24/x")))["clean"];

        clean.ShouldMatch(BsrNet.Tensor("bsrnet/1x16x24/y"), HalfTolerance, "half precision");
    }

    [Theory]
    [InlineData(999)]
    [InlineData(799.2)]
    public void Half_precision_keeps_the_angles_of_timesteps(double timestep)
    {
        const int Features = 320;
        var g = new GraphBuilder("angles");
        var embedding = TimestepEmbedding.Append(g, g.Input("timestep", [1]), Features);
        var graph = g.Build(("embedding", embedding));

        Tensor Embedding(Precision precision)
        {
            using var session = NetworkSession.Create(graph, new Weights(), Processor with { Precision = precision });
            return session.Run(("timestep", new Tensor([(float)timestep], 1)))["embedding"];
        }

        Embedding(Precision.Float16).ShouldMatch(Embedding(Precision.Float32), HalfTolerance, "embedding");
    }

    [Fact]
    public void Half_precision_keeps_the_numbers_of_tokens()
    {
        const int Tokens = 49_408; // 16 bits know no odd number above 2,048
        var g = new GraphBuilder("numbers");
        var numbers = new Tensor(Tokens, 1);
        for (var token = 0; token < Tokens; token++)
        {
            numbers.Data[token] = token % 1000;
        }

        var row = g.Gather(g.Constant(numbers), g.Input("token", [3]));
        using var session = NetworkSession.Create(
            g.Build(("row", row)),
            new Weights(),
            Processor with
            {
                Precision = Precision.Float16,
            }
        );

        var rows = session.Run(("token", new Tensor([49_407, 49_405, 2_049], 3)))["row"];

        rows.Data.ShouldBe([407, 405, 49]);
    }

    [Theory]
    [InlineData(Device.Cuda, "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData(Device.DirectMl, "Microsoft.ML.OnnxRuntime.DirectML")]
    [InlineData(Device.OpenVino, "Intel.ML.OnnxRuntime.OpenVino")]
    public void A_device_that_is_not_installed_names_its_package_and_the_remedy(Device device, string package)
    {
        var exception = Should.Throw<EngineException>(() => Load("bsrnet/1x16x24", Processor with { Device = device }));

        exception.Message.ShouldContain(package);
        exception.Message.ShouldContain("--device cpu");
    }

    [Fact]
    public void A_wrong_shape_is_named_before_the_runtime_sees_it()
    {
        using var session = Load("bsrnet/1x16x24", Processor);

        Should
            .Throw<ShapeException>(() => session.Run(("lq", new Tensor(1, 3, 16, 23))))
            .Message.ShouldBe("RRDBNet: lq must be [1, 3, 16, 24], got [1, 3, 16, 23].");
    }

    [Fact]
    public void A_missing_input_is_named()
    {
        using var session = Load("bsrnet/1x16x24", Processor);

        Should.Throw<ShapeException>(() => session.Run()).Message.ShouldContain("needs a value for its input lq");
    }

    [Fact]
    public void All_weights_that_do_not_fit_are_listed_at_once()
    {
        var wrong = RrdbNet.Build(SmallNetworks.RrdbNet with { Blocks = 3, Channels = 32 }, 1, 16, 16);

        var exception = Should.Throw<CheckpointException>(() => NetworkSession.Create(wrong, Weights(), Processor));

        exception.Message.ShouldContain("missing (RRDB_trunk.2.RDB1.conv1.weight");
        exception.Message.ShouldContain("conv_first.weight is [16, 3, 3, 3] instead of [32, 3, 3, 3]");
    }

    [Fact]
    public void A_cancelled_run_ends_as_cancelled()
    {
        using var session = Load("bsrnet/1x16x24", Processor);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() => session.Run(cancelled.Token, ("lq", BsrNet.Tensor("bsrnet/1x16x24/x"))));
    }

    private static NetworkSession Load(string name, EngineOptions options)
    {
        var x = BsrNet.Tensor($"{name}/x");
        var graph = RrdbNet.Build(SmallNetworks.RrdbNet, x.Size(0), x.Size(2), x.Size(3));
        return NetworkSession.Create(graph, Weights(), options);
    }

    private static Weights Weights() => DiffBir.Checkpoints.Weights.From(Checkpoint.Open(Golden.PathOf("stage1/BSRNet.pth")));
}
