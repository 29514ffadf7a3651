using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>
/// Every network's graph in 16 bits, on the processor, against the original in 32. The processor knows few operations in 16 bits
/// (layer norms, and those that only move values): the runtime takes values to 32 before the others and back behind them.
/// </summary>
public sealed class HalfPrecisionTests
{
    /// <summary>
    /// Relative to the largest value: twice what was measured. A number in 16 bits has 11 significant bits, which is an error of 5e-4 at
    /// most for weights and values; what 40 to 100 layers add to it is random and mostly cancels. The UNet has 1e-3, all others less.
    /// </summary>
    private const double Tolerance = 2e-3;

    private static readonly EngineOptions Half = new() { Device = Device.Cpu, Precision = Precision.Float16 };

    [ParityTheory]
    [InlineData("bsrnet/1x16x24", "BSRNet.pth")]
    [InlineData("scunet_psnr/1x64x64", "scunet_color_real_psnr.pth")]
    [InlineData("swinir_face/1x64x64", "face_swinir_v1.ckpt")]
    [InlineData("swinir_general/1x64x64", "general_swinir_v1.ckpt")]
    public void Stage_1_is_right(string name, string file)
    {
        var fixture = Parity.Fixture("stage1");
        var x = fixture.Tensor($"{name}/x");
        var graph = name.Split('_', '/')[0] switch
        {
            "bsrnet" => RrdbNet.Build(SmallNetworks.RrdbNet, x.Size(0), x.Size(2), x.Size(3)),
            "scunet" => ScuNet.Build(SmallNetworks.ScuNet, x.Size(0), x.Size(2), x.Size(3)),
            _ => SwinIr.Build(SmallNetworks.SwinIr, x.Size(0), x.Size(2), x.Size(3)),
        };

        Run(graph, Weights.From(SmallNetworks.Open(file)), ("lq", x))["clean"]
            .ShouldMatch(fixture.Tensor($"{name}/y"), Tolerance, name);
    }

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_controlled_UNet_is_right(string version)
    {
        var fixture = Parity.Fixture("cldm");
        var x = fixture.Tensor($"{version}/x");
        var strengths = new Tensor(13);
        strengths.Span.Fill(1);

        Run(
            ControlledUNet.Build(SmallNetworks.UNet, new(2, x.Size(2), x.Size(3), 77)),
            SmallNetworks.Denoiser(version),
            ("xt", x),
            ("hint", fixture.Tensor($"{version}/hint")),
            ("timestep", fixture.Tensor($"{version}/t")),
            ("context", fixture.Tensor($"{version}/c_txt")),
            ("strength", strengths)
        )["prediction"]
            .ShouldMatch(fixture.Tensor($"{version}/eps"), Tolerance, version);
    }

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_autoencoder_is_right(string version)
    {
        var fixture = Parity.Fixture("vae");
        var (scope, weights) = (AutoencoderKl.Scope, Weights.From(SmallNetworks.StableDiffusion(version)));
        var image = fixture.Tensor($"{version}/image");
        var imagePm1 = new Tensor(Array.ConvertAll(image.Data, value => (value * 2) - 1), image.Shape);
        var scaled = fixture.Tensor($"{version}/z");
        var z = new Tensor(Array.ConvertAll(scaled.Data, value => value / 0.18215f), scaled.Shape);

        Run(Encoder.Build(SmallNetworks.Autoencoder, 2, image.Size(2), image.Size(3), scope), weights, ("image", imagePm1))[
            "moments"
        ]
            .ShouldMatch(fixture.Tensor($"{version}/moments"), Tolerance, "moments");
        Run(Decoder.Build(SmallNetworks.Autoencoder, 2, z.Size(2), z.Size(3), scope), weights, ("z", z))["image"]
            .ShouldMatch(fixture.Tensor($"{version}/decoded"), Tolerance, "image");
    }

    [ParityTheory]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_text_encoder_is_right(string version)
    {
        var fixture = Parity.Fixture("clip");
        var tokens = fixture.Tensor($"{version}/ids");

        Run(
            TextEncoder.Build(SmallNetworks.TextEncoder, tokens.Size(0), TextEncoder.Scope),
            Weights.From(SmallNetworks.StableDiffusion(version)),
            ("tokens", tokens)
        )["context"]
            .ShouldMatch(fixture.Tensor($"{version}/embedding"), Tolerance, version);
    }

    private static IReadOnlyDictionary<string, Tensor> Run(
        Graph graph,
        Weights weights,
        params ReadOnlySpan<(string, Tensor)> inputs
    )
    {
        using var session = NetworkSession.Create(graph, weights, Half);
        return session.Run(inputs);
    }
}
