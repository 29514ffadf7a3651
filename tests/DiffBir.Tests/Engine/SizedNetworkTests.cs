using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

public sealed class SizedNetworkTests
{
    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    public void The_last_sizes_stay_loaded_as_many_as_are_kept(int kept, int loads)
    {
        var built = new List<int>();
        using var network = Network(kept, built);

        Run(network, 16, 24, 16, 24);

        built.Count.ShouldBe(loads);
    }

    [Fact]
    public void The_size_that_was_used_longest_ago_goes_first()
    {
        var built = new List<int>();
        using var network = Network(kept: 2, built);

        Run(network, 16, 24, 16, 32, 16, 24);

        built.ShouldBe([16, 24, 32, 24]);
    }

    [Fact]
    public void Unloaded_it_has_no_size_left()
    {
        var built = new List<int>();
        using var network = Network(kept: 2, built);

        Run(network, 16, 24);
        network.Unload();
        Run(network, 16, 24);

        built.ShouldBe([16, 24, 16, 24]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Shared_sessions_keep_as_many_sizes_when_nobody_uses_them(int kept, int sessions)
    {
        using var shared = new SharedSessions();
        var network = Network(kept, [], shared);

        Run(network, 16, 24, 32);
        network.Dispose();

        shared.Count.ShouldBe(sessions);
    }

    private static SizedNetwork Network(int kept, List<int> built, SharedSessions? shared = null) =>
        new(
            (height, width) =>
            {
                built.Add(width);
                return RrdbNet.Build(SmallNetworks.RrdbNet, 1, height, width);
            },
            () => Weights.From(Checkpoint.Open(Golden.PathOf("stage1/BSRNet.pth"))),
            new EngineOptions
            {
                Device = Device.Cpu,
                KeptSizes = kept,
                Sessions = shared,
            }
        );

    private static void Run(SizedNetwork network, params ReadOnlySpan<int> widths)
    {
        foreach (var width in widths)
        {
            network.Run(16, width, CancellationToken.None, ("lq", new Tensor(1, 3, 16, width)));
        }
    }
}
