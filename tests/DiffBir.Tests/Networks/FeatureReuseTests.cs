using DiffBir.Graphs;
using DiffBir.Networks.Diffusion;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>The denoiser cut at a skip connection: above it and below it are together what it is as a whole.</summary>
public sealed class FeatureReuseTests
{
    private static readonly Lazy<(int Height, int Width, (string, Tensor)[] Inputs, Tensor Prediction)> Whole = new(RunWhole);

    public static TheoryData<int> Depths => [.. Enumerable.Range(0, SmallNetworks.UNet.Skips)];

    [ParityTheory]
    [MemberData(nameof(Depths))]
    public void The_shallow_network_with_what_the_deep_layers_gave_predicts_as_the_whole_one(int depth)
    {
        var (height, width, inputs, whole) = Whole.Value;
        var weights = SmallNetworks.Denoiser("v2");
        var keeping = SmallNetworks.Run(
            ControlledUNet.BuildKeeping(SmallNetworks.UNet, depth, height, width, 77),
            weights,
            inputs
        );
        var shallow = SmallNetworks.Run(
            ControlledUNet.BuildShallow(SmallNetworks.UNet, depth, height, width, 77),
            weights,
            [.. inputs, ("deep", keeping["deep"])]
        );

        keeping["deep"]
            .Shape.ToArray()
            .ShouldBe(UNetDecoder.DeepShape(SmallNetworks.UNet, depth, height, width).AsSpan().ToArray());
        keeping["prediction"].ShouldMatch(whole, SmallNetworks.Tolerance, "keeping");
        shallow["prediction"].ShouldMatch(whole, SmallNetworks.Tolerance, "shallow");
    }

    [Fact]
    public void The_deeper_the_cut_the_more_is_computed()
    {
        var flops = Enumerable
            .Range(0, UNetConfig.StableDiffusion21.Skips)
            .Select(depth => Cost.Of(ControlledUNet.BuildShallow(UNetConfig.StableDiffusion21, depth, 64, 64, 77)).Flops)
            .ToArray();
        var whole = Cost.Of(ControlledUNet.Build(UNetConfig.StableDiffusion21, new(1, 64, 64, 77))).Flops;

        flops.ShouldBe(flops.Order());
        flops[^1].ShouldBeLessThan(whole);
        (3.0 * whole / (whole + (2 * flops[0]))).ShouldBe(2.7, 0.1); // one step of three computes everything
    }

    private static (int Height, int Width, (string, Tensor)[] Inputs, Tensor Prediction) RunWhole()
    {
        var fixture = Parity.Fixture("cldm");
        var (height, width) = (fixture.Tensor("v2/x").Size(2), fixture.Tensor("v2/x").Size(3));
        var strength = new Tensor([.. Enumerable.Range(0, 13).Select(index => 0.1f * index)], 13);
        (string, Tensor)[] inputs =
        [
            .. new[] { ("xt", "x"), ("hint", "hint"), ("timestep", "t"), ("context", "c_txt") }.Select(input =>
                (input.Item1, First(fixture.Tensor($"v2/{input.Item2}")))
            ),
            ("strength", strength),
        ];
        var graph = ControlledUNet.Build(SmallNetworks.UNet, new(1, height, width, 77));
        return (height, width, inputs, SmallNetworks.Run(graph, SmallNetworks.Denoiser("v2"), inputs)["prediction"]);
    }

    private static Tensor First(Tensor batch)
    {
        var length = batch.Length / batch.Size(0);
        return new Tensor(batch.Data[..length], [1, .. batch.Shape[1..]]);
    }
}
