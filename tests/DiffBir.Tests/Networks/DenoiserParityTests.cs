using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks.Diffusion;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

public sealed class DenoiserParityTests
{
    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void Each_of_the_thirteen_controls_equals_the_original(string version)
    {
        var fixture = Parity.Fixture("cldm");
        var x = fixture.Tensor($"{version}/x");
        var graph = ControlNet.Build(SmallNetworks.UNet, new(2, x.Size(2), x.Size(3), 77), ParameterScope.Root);

        var control = SmallNetworks.Run(
            graph,
            Weights.From(SmallNetworks.Control(version)),
            ("xt", x),
            ("hint", fixture.Tensor($"{version}/hint")),
            ("timestep", fixture.Tensor($"{version}/t")),
            ("context", fixture.Tensor($"{version}/c_txt"))
        );

        control.Count.ShouldBe(13);
        for (var index = 0; index < 13; index++)
        {
            var expected = fixture.Tensor($"{version}/control_{index:00}");
            control[$"control{index}"].ShouldMatch(expected, SmallNetworks.Tolerance, $"control {index}");
        }
    }

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_UNet_alone_equals_the_original(string version)
    {
        var fixture = Parity.Fixture("cldm");
        var x = fixture.Tensor($"{version}/x");
        var scope = ControlledUNet.UNetScope;
        var graph = UNet.Build(SmallNetworks.UNet, new(2, x.Size(2), x.Size(3), 77), scope);

        var prediction = SmallNetworks.Run(
            graph,
            Weights.From(SmallNetworks.StableDiffusion(version)),
            ("xt", x),
            ("timestep", fixture.Tensor($"{version}/t")),
            ("context", fixture.Tensor($"{version}/c_txt"))
        )["prediction"];

        prediction.ShouldMatch(fixture.Tensor($"{version}/unet_no_control"), SmallNetworks.Tolerance, version);
    }

    [ParityTheory]
    [InlineData("v2", "eps", 1)]
    [InlineData("v2", "eps_strength_0_35", 0.35)]
    [InlineData("v2.1", "eps", 1)]
    [InlineData("v2.1", "eps_strength_0_35", 0.35)]
    public void The_controlled_UNet_equals_the_original(string version, string name, double strength)
    {
        var strengths = new Tensor(13);
        strengths.Span.Fill((float)strength);
        CheckPrediction(version, name, strengths);
    }

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void Each_control_has_a_strength_of_its_own(string version) =>
        CheckPrediction(version, "eps_strength_ramp", new Tensor([.. Enumerable.Range(0, 13).Select(index => 0.1f * index)], 13));

    [ParityFact]
    public void The_weights_of_the_denoiser_are_exactly_the_checkpoints()
    {
        var graph = ControlledUNet.Build(SmallNetworks.UNet, new(1, 8, 8, 77));
        var names = SmallNetworks
            .ParameterNames(graph)
            .ToLookup(name => name.StartsWith("control_model.", StringComparison.Ordinal));
        var unet = SmallNetworks
            .StableDiffusion("v2")
            .Tensors.Keys.Where(name => name.StartsWith("model.diffusion_model.", StringComparison.Ordinal));

        SmallNetworks.Control("v2").Tensors.Keys.Select(name => $"control_model.{name}").ShouldBe(names[true], ignoreOrder: true);
        unet.ShouldBe(names[false], ignoreOrder: true);
    }

    [ParityFact]
    public void Without_text_the_UNet_computes_what_it_does_with_one_token_of_zeros()
    {
        var fixture = Parity.Fixture("cldm");
        var (scope, official) = (ControlledUNet.UNetScope, SmallNetworks.StableDiffusion("v2"));
        var (x, t) = (fixture.Tensor("v2/x"), fixture.Tensor("v2/t"));
        var withoutText = SmallNetworks.UNet with { ContextFeatures = 0 };
        var graph = UNet.Build(withoutText, new(2, x.Size(2), x.Size(3), 1), scope);
        using var folder = new TemporaryFolder();
        var path = folder.File("without-text.safetensors");
        SafetensorsWriter.Write(
            path,
            WeightFiles.Shapes(graph).Select(weight => SafetensorsEntry.Of(weight.Key, weight.Value, () => Weight(weight.Key)))
        );

        var expected = SmallNetworks.Run(
            UNet.Build(SmallNetworks.UNet, new(2, x.Size(2), x.Size(3), 1), scope),
            Weights.From(official),
            ("xt", x),
            ("timestep", t),
            ("context", new Tensor(2, 1, SmallNetworks.UNet.ContextFeatures))
        )["prediction"];
        var prediction = SmallNetworks.Run(graph, Weights.From(Checkpoint.Open(path)), ("xt", x), ("timestep", t))["prediction"];

        prediction.ShouldMatch(expected, SmallNetworks.Tolerance, "without text");

        // Attention to zeros adds nothing but its output's bias.
        Tensor Weight(string name)
        {
            const string bias = ".attn1.to_out.0.bias";
            var weight = official.Read(name);
            if (name.EndsWith(bias, StringComparison.Ordinal))
            {
                var toText = official.Read(name.Replace(bias, ".attn2.to_out.0.bias", StringComparison.Ordinal));
                for (var i = 0; i < weight.Length; i++)
                {
                    weight.Span[i] += toText.Span[i];
                }
            }

            return weight;
        }
    }

    [ParityTheory]
    [InlineData(32)]
    [InlineData(320)]
    public void The_embedding_of_the_timestep_equals_the_original(int features)
    {
        var fixture = Parity.Fixture("cldm");
        var t = fixture.Tensor("timestep_embedding/t");
        var g = new GraphBuilder("time");
        var graph = g.Build(("embedding", TimestepEmbedding.Append(g, g.Input("t", [t.Size(0)]), features)));

        var embedding = SmallNetworks.Run(graph, new Weights(), ("t", t))["embedding"];

        embedding.ShouldMatch(fixture.Tensor($"timestep_embedding/dim{features}"), SmallNetworks.Tolerance, "embedding");
    }

    private static void CheckPrediction(string version, string name, Tensor strengths)
    {
        var fixture = Parity.Fixture("cldm");
        var x = fixture.Tensor($"{version}/x");
        var graph = ControlledUNet.Build(SmallNetworks.UNet, new(2, x.Size(2), x.Size(3), 77));

        var prediction = SmallNetworks.Run(
            graph,
            SmallNetworks.Denoiser(version),
            ("xt", x),
            ("hint", fixture.Tensor($"{version}/hint")),
            ("timestep", fixture.Tensor($"{version}/t")),
            ("context", fixture.Tensor($"{version}/c_txt")),
            ("strength", strengths)
        )["prediction"];

        prediction.ShouldMatch(fixture.Tensor($"{version}/{name}"), SmallNetworks.Tolerance, $"{version} {name}");
    }
}
