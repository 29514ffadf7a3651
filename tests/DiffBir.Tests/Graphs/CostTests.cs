using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Tests.Graphs;

public sealed class CostTests
{
    [Fact]
    public void The_full_size_networks_cost_what_is_known_of_them()
    {
        const double Rounding = 0.05; // the known counts have one decimal
        var controlNet = Cost.Of(ControlNet.Build(UNetConfig.StableDiffusion21, new(1, 64, 64, 77), ControlledUNet.ControlScope));
        var unet = Cost.Of(UNet.Build(UNetConfig.StableDiffusion21, new(1, 64, 64, 77), ControlledUNet.UNetScope));

        (controlNet.Flops / 1e9).ShouldBe(269.1, Rounding);
        (unet.Flops / 1e9).ShouldBe(804.3, Rounding);
        unet.Parameters.ShouldBe(865_910_724);
        controlNet.ParameterBytes.ShouldBe(4 * controlNet.Parameters);
    }

    [Fact]
    public void Memory_of_a_way_down_is_held_for_the_way_up()
    {
        var g = new GraphBuilder("U");
        var x = g.Input("x", [1, 4, 8, 8]);
        var wide = g.Transpose(x, 0, 1, 3, 2); // 1 KB
        var tall = g.Reshape(g.Slice(wide, 3, 0, 4), 1, 4, 4, 8); // 0.5 KB
        var small = g.Slice(tall, 3, 0, 4); // 0.25 KB
        var up = g.UpsampleNearest(small, 2); // of the shape of wide
        var cost = Cost.Of(g.Build(("y", g.Slice(up, 3, 0, 4))));

        // x, wide and its half; in between only x and two small ones; x, the small one and up, which lies where wide lay.
        cost.PeakActivationBytes.ShouldBe(1024 + 1024 + 512);
        // wide's memory is still held while the small one is made.
        cost.PeakHeldBytes.ShouldBe(1024 + 1024 + 512 + 256);
    }

    [Fact]
    public void A_transformer_of_windows_in_a_U_holds_several_times_what_is_alive()
    {
        var cost = Cost.Of(ScuNet.Build(ScuNetConfig.Official, 1, 512, 512));

        // ONNX Runtime 1.31 without an arena: 2.4 GB in blocks of 4 MB and more.
        (cost.PeakHeldBytes / 1e9).ShouldBeInRange(1.9, 2.4);
        (cost.PeakActivationBytes / 1e9).ShouldBeLessThan(0.5);
    }
}
