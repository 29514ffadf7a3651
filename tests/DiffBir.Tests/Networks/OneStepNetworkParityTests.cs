using DiffBir.Checkpoints;
using DiffBir.Conditioning;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Packs.Lora;
using DiffBir.Sampling;
using DiffBir.Tests.Conditioning;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>The networks of one step with merged weights, part by part, against the originals'.</summary>
public sealed class OneStepNetworkParityTests
{
    private const double Tolerance = 1e-5; // of the largest value (onestep/README.md)

    [ParityTheory]
    [InlineData("hypir", "hypir_unet", "eps", 200, false)]
    [InlineData("pisa-sr", "pisa_unet", "full", 1, false)]
    [InlineData("pisa-sr", "pisa_unet", "pix", 1, true)]
    [InlineData("osediff", "osediff_parts", "eps", 999, false)]
    public void The_merged_UNet_predicts_what_the_originals_predicts(
        string name,
        string file,
        string tensor,
        int timestep,
        bool faithful
    )
    {
        using var folder = new OneStepFiles();
        var pack = OneStepFiles.Read(name);
        var (step, files, fixture) = (pack.OneStep!, new PackFiles(pack, folder.Folder), Recorded(file));
        var count = step.Lora.Count - (faithful ? 1 : 0);
        var weights = new MergedWeights(LoraTarget.Of(pack.UNet!), step.Lora, count, files, new EngineOptions());
        weights.Prepare(null, default);
        var latent = fixture["latent"];

        var prediction = SmallNetworks.Run(
            UNet.Build(pack.UNetSizes, new(1, latent.Size(2), latent.Size(3), 77), ControlledUNet.UNetScope),
            weights.Bind($"{ControlledUNet.UNetScope.Path}."),
            ("xt", latent),
            ("timestep", new Tensor([timestep], 1)),
            ("context", fixture["context"])
        )["prediction"];

        step.Timestep.ShouldBe(timestep);
        prediction.ShouldMatch(fixture[tensor], Tolerance, name);
    }

    [ParityFact]
    public void The_merged_encoder_gives_the_originals_moments()
    {
        using var folder = new OneStepFiles();
        var pack = OneStepFiles.Read("osediff");
        var (step, files, fixture) = (pack.OneStep!, new PackFiles(pack, folder.Folder), Recorded("osediff_parts"));
        var target = LoraTarget.Of(pack.AutoencoderSource);
        var weights = new MergedWeights(target, step.EncoderLora, step.EncoderLora.Count, files, new EngineOptions());
        weights.Prepare(null, default);
        var image = fixture["image"];

        var moments = SmallNetworks.Run(
            Encoder.Build(pack.AutoencoderSource.Sizes, 1, image.Size(2), image.Size(3), AutoencoderKl.Scope),
            weights.Bind($"{AutoencoderKl.Scope.Path}."),
            ("image", image)
        )["moments"];

        moments.ShouldMatch(fixture["moments"], Tolerance, "moments");
    }

    [ParityFact]
    public void Prompts_become_the_ids_of_the_originals_tokenizer()
    {
        var tokenizer = ClipTokenizer.Load(TestVocabulary.OfficialPath, TokenizerRules.Transformers);
        using var file = System.Text.Json.JsonDocument.Parse(
            File.ReadAllBytes(Parity.PathOf("parity/onestep/fixtures/hypir_prompts.json"))
        );

        foreach (var row in file.RootElement.EnumerateArray())
        {
            var prompt = row.GetProperty("prompt").GetString()!;
            tokenizer.Encode(prompt).Ids.ShouldBe(row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), prompt);
        }
    }

    [ParityTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    public void Prompts_are_embedded_as_by_the_original(int row)
    {
        var pack = OneStepFiles.Read("hypir");
        var files = new PackFiles(pack, Parity.PathOf("parity/small/weights"));
        using var file = System.Text.Json.JsonDocument.Parse(
            File.ReadAllBytes(Parity.PathOf("parity/onestep/fixtures/hypir_prompts.json"))
        );
        using var encoder = new ClipPromptEncoder(
            pack.TextEncoder!.Network.Sizes,
            files.WeightsOf(pack.TextEncoder.Network, TextEncoder.Scope),
            () => TestVocabulary.OfficialPath,
            new EngineOptions(),
            pack.TextEncoder.Rules
        );

        var embedded = encoder.Encode(file.RootElement[row].GetProperty("prompt").GetString()!, default);

        embedded.ShouldMatch(Recorded("hypir_text")[$"text_embed/{row}"], Tolerance, $"row {row}");
    }

    [ParityTheory]
    [InlineData(200, "z_lq", "z_out", "hypir_unet")]
    public void The_clean_latent_follows_from_the_prediction(int timestep, string start, string end, string file)
    {
        var fixture = Recorded(file);
        var alphaBar = NoiseSchedule.ScaledLinear().AlphaBars[timestep];
        const double scale = 0.18215;

        var clean = LatentMath.Combine(
            1 / Math.Sqrt(alphaBar),
            fixture["latent"],
            -Math.Sqrt((1 - alphaBar) / alphaBar),
            fixture["eps"]
        );

        clean.ShouldMatch(fixture["x0"], Tolerance, "x0");
        LatentMath.Scale(1 / scale, clean).ShouldMatch(fixture[end], Tolerance, end);
        LatentMath.Scale(1 / scale, fixture["latent"]).ShouldMatch(fixture[start], Tolerance, start);
    }

    private static Fixture Recorded(string name) => new(Parity.PathOf($"parity/onestep/fixtures/{name}.safetensors"));
}
