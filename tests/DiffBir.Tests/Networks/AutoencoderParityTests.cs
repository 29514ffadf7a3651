using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks.Autoencoder;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

public sealed class AutoencoderParityTests
{
    private static readonly ParameterScope Scope = ParameterScope.Root / "first_stage_model";

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_encoder_equals_the_original(string version)
    {
        var fixture = Parity.Fixture("vae");
        var image = fixture.Tensor($"{version}/image");
        var imagePm1 = new Tensor(Array.ConvertAll(image.Data, value => (value * 2) - 1), image.Shape);
        var graph = Encoder.Build(SmallNetworks.Autoencoder, 2, image.Size(2), image.Size(3), Scope);

        var weights = Weights.From(SmallNetworks.StableDiffusion(version));
        var moments = SmallNetworks.Run(graph, weights, ("image", imagePm1))["moments"];

        moments.ShouldMatch(fixture.Tensor($"{version}/moments"), SmallNetworks.Tolerance, version);
    }

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_decoder_equals_the_original(string version)
    {
        var fixture = Parity.Fixture("vae");
        var scaled = fixture.Tensor($"{version}/z");
        var z = new Tensor(Array.ConvertAll(scaled.Data, value => value / 0.18215f), scaled.Shape);
        var graph = Decoder.Build(SmallNetworks.Autoencoder, 2, z.Size(2), z.Size(3), Scope);

        var image = SmallNetworks.Run(graph, Weights.From(SmallNetworks.StableDiffusion(version)), ("z", z))["image"];

        image.ShouldMatch(fixture.Tensor($"{version}/decoded"), SmallNetworks.Tolerance, version);
    }

    [ParityFact]
    public void The_weights_of_the_autoencoder_are_exactly_the_checkpoints()
    {
        var encoder = Encoder.Build(SmallNetworks.Autoencoder, 1, 8, 8, Scope);
        var decoder = Decoder.Build(SmallNetworks.Autoencoder, 1, 1, 1, Scope);
        SmallNetworks
            .StableDiffusion("v2")
            .Tensors.Keys.Where(name => name.StartsWith($"{Scope.Path}.", StringComparison.Ordinal))
            .ShouldBe(SmallNetworks.ParameterNames(encoder).Concat(SmallNetworks.ParameterNames(decoder)), ignoreOrder: true);
    }
}
