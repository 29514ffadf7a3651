using DiffBir.Graphs;
using DiffBir.Stage2.Denoising;

namespace DiffBir.Tests.Graphs;

public sealed class CostTests
{
    [Fact]
    public void The_full_size_networks_cost_what_is_known_of_them()
    {
        const double Rounding = 0.05; // the known counts have one decimal
        var controlNet = Cost.Of(
            ControlNet.Build(
                UNetConfig.StableDiffusion21,
                1,
                64,
                64,
                77,
                ControlledUNet.ControlScope
            )
        );
        var unet = Cost.Of(
            UNet.Build(UNetConfig.StableDiffusion21, 1, 64, 64, 77, ControlledUNet.UNetScope)
        );

        (controlNet.Flops / 1e9).ShouldBe(269.1, Rounding);
        (unet.Flops / 1e9).ShouldBe(804.3, Rounding);
        unet.Parameters.ShouldBe(865_910_724);
        controlNet.ParameterBytes.ShouldBe(4 * controlNet.Parameters);
    }
}
