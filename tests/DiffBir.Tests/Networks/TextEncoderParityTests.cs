using DiffBir.Checkpoints;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

public sealed class TextEncoderParityTests
{
    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_text_encoder_equals_the_original(string version)
    {
        var fixture = Parity.Fixture("clip");
        var tokens = fixture.Tensor($"{version}/ids");
        var graph = TextEncoder.Build(SmallNetworks.TextEncoder, tokens.Size(0), TextEncoder.Scope);

        var weights = Weights.From(SmallNetworks.StableDiffusion(version));
        var context = SmallNetworks.Run(graph, weights, ("tokens", tokens))["context"];

        context.ShouldMatch(fixture.Tensor($"{version}/embedding"), SmallNetworks.Tolerance, version);
    }

    [ParityFact]
    public void The_weights_of_the_text_encoder_are_the_checkpoints_without_what_is_not_run()
    {
        var graph = TextEncoder.Build(SmallNetworks.TextEncoder, 1, TextEncoder.Scope);
        var last = $"{TextEncoder.Scope.Path}.transformer.resblocks.{SmallNetworks.TextEncoder.Layers - 1}.";
        string[] notRun = ["logit_scale", "text_projection", "attn_mask"];

        SmallNetworks
            .StableDiffusion("v2")
            .Tensors.Keys.Where(name => name.StartsWith($"{TextEncoder.Scope.Path}.", StringComparison.Ordinal))
            .Where(name => !name.StartsWith(last, StringComparison.Ordinal))
            .Where(name => !notRun.Any(end => name.EndsWith(end, StringComparison.Ordinal)))
            .ShouldBe(SmallNetworks.ParameterNames(graph), ignoreOrder: true);
    }
}
