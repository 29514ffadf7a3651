using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

/// <summary>Which device is taken, on machines that are only told of.</summary>
public sealed class DevicesTests
{
    private static readonly NvidiaDriver Old = Machines.Driver with { Cuda = new Version(12, 8) };

    /// <summary>What a machine lacks, and the words that must be said of it.</summary>
    private static readonly (DeviceProbe Machine, string[] Words)[] Incomplete =
    [
        (Machines.Of(driver: null), [NvidiaDriver.Library, "install NVIDIA's driver"]),
        (Machines.Of(Old), ["CUDA 12.8", "install one for CUDA 13"]),
        (Machines.Of(Machines.Driver with { Gpu = null }), ["shows no GPU", "nvidia-smi"]),
        (Machines.Of(Machines.Driver, problem: "libnvrtc.so.13: no\nsuch file"), ["does not start", "libnvrtc.so.13"]),
        .. CudaRequirements.Libraries.Select(needed =>
            (Machines.Of(Machines.Driver, needed.Library), (string[])[needed.Library, $"install {needed.Product}"])
        ),
    ];

    public static TheoryData<int> Machine => [.. Enumerable.Range(0, Incomplete.Length)];

    [Fact]
    public void Where_all_of_CUDA_is_there_the_GPU_computes_and_nothing_is_said() =>
        Devices.Choose(Device.Auto, Machines.WithCuda).ShouldBe(new DeviceChoice(Device.Cuda, Notice: null));

    [Theory]
    [MemberData(nameof(Machine))]
    public void Where_something_is_missing_the_processor_computes_and_one_sentence_says_what(int machine)
    {
        var (probe, words) = Incomplete[machine];

        var choice = Devices.Choose(Device.Auto, probe);

        choice.Device.ShouldBe(Device.Cpu);
        var notice = choice.Notice.ShouldNotBeNull();
        words.ShouldAllBe(word => notice.Contains(word));
        notice.ShouldStartWith("The processor computes");
        notice.ShouldEndWith(".");
        notice.ShouldNotContain("\n");
    }

    [Theory]
    [MemberData(nameof(Machine))]
    public void A_GPU_that_was_asked_for_and_cannot_compute_is_a_failure_that_says_the_same(int machine)
    {
        var (probe, words) = Incomplete[machine];

        var failure = Should.Throw<EngineException>(() => Run(new EngineOptions { Device = Device.Cuda, Probe = probe }));

        words.ShouldAllBe(word => failure.Message.Contains(word));
        failure.Message.ShouldContain("--device cpu");
    }

    [Fact]
    public void Networks_run_on_the_processor_where_the_GPU_cannot() =>
        Run(new EngineOptions { Probe = Machines.Of(driver: null) }).Data.ShouldBe([3]);

    [Fact]
    public void A_build_without_CUDA_looks_for_nothing_and_says_nothing()
    {
        var machine = new DeviceProbe
        {
            Providers = () => ["CPUExecutionProvider"],
            Nvidia = () => throw new InvalidOperationException("Nobody may ask."),
            CanLoad = _ => throw new InvalidOperationException("Nobody may ask."),
        };

        Devices.Choose(Device.Auto, machine).ShouldBe(new DeviceChoice(Device.Cpu, Notice: null));
    }

    [Fact]
    public void The_processor_that_was_asked_for_is_taken_without_a_look_at_the_machine()
    {
        var machine = new DeviceProbe { Providers = () => throw new InvalidOperationException("Nobody may ask.") };

        Devices.Choose(Device.Cpu, machine).ShouldBe(new DeviceChoice(Device.Cpu, Notice: null));
    }

    [Fact]
    public void What_is_missing_is_found_out_once()
    {
        var starts = 0;
        var machine = new DeviceProbe
        {
            Providers = () => ["CUDAExecutionProvider"],
            Nvidia = () => Machines.Driver,
            CanLoad = _ => true,
            StartCuda = () => $"start {++starts} failed",
        };

        Devices.Choose(Device.Auto, machine);
        Devices.Choose(Device.Auto, machine);

        starts.ShouldBe(1);
    }

    [Fact]
    public void Without_a_limit_the_arena_takes_what_it_needs_and_with_one_it_grows_to_it_exactly()
    {
        CudaProvider.OptionsOf(limit: null).ShouldBe(new Dictionary<string, string> { ["use_tf32"] = "0" });
        CudaProvider
            .OptionsOf(5_000_000_000)
            .ShouldBe(
                new Dictionary<string, string>
                {
                    ["use_tf32"] = "0",
                    ["gpu_mem_limit"] = "5000000000",
                    ["arena_extend_strategy"] = "kSameAsRequested",
                }
            );
    }

    private static Tensor Run(EngineOptions options)
    {
        var g = new GraphBuilder("double and add one");
        var graph = g.Build(("y", g.Affine(g.Input("x", [1]), 2, 1)));
        using var session = NetworkSession.Create(graph, new Weights(), options);
        return session.Run(("x", new Tensor([1], 1)))["y"];
    }
}
