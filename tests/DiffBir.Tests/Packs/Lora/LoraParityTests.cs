using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Packs;
using DiffBir.Packs.Lora;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs.Lora;

/// <summary>Merged weights against those that peft merged.</summary>
public sealed class LoraParityTests
{
    private const double Tolerance = 1e-6; // of a tensor's largest value; the original's own merge is 4e-8 from 64 bits

    [ParityTheory]
    [InlineData("hypir", "hypir_merged_all", null)]
    [InlineData("pisa-sr", "pisa_merged_all", "full")]
    [InlineData("pisa-sr", "pisa_merged_all", "pix")]
    [InlineData("osediff", "osediff_merged_all", null)]
    public void Every_merged_weight_has_the_originals_sums_and_values(string name, string fixture, string? variant)
    {
        using var files = new OneStepFiles();
        var merged = Merge(files, name, faithful: variant == "pix");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Parity.PathOf($"parity/onestep/fixtures/{fixture}.json")));

        foreach (var entry in expected.RootElement.EnumerateArray())
        {
            var (prefix, weight) = Split(entry.GetProperty("ldm").GetString()!);
            var values = merged[prefix].Read(weight).Data;
            var numbers = variant is null ? entry : entry.GetProperty(variant);
            var tolerance = Tolerance * values.Max(Math.Abs);
            values
                .Sum(value => (double)value)
                .ShouldBe(numbers.GetProperty("sum").GetDouble(), tolerance * values.Length, weight);
            Math.Sqrt(values.Sum(value => (double)value * value))
                .ShouldBe(numbers.GetProperty("l2").GetDouble(), tolerance * Math.Sqrt(values.Length), weight);
            values[..4].ShouldBe(Numbers(numbers, "first"), tolerance);
            if (numbers.TryGetProperty("last", out _))
            {
                values[^4..].ShouldBe(Numbers(numbers, "last"), tolerance);
            }
        }
    }

    [ParityFact]
    public void Merged_weights_equal_the_originals()
    {
        using var files = new OneStepFiles();
        var merged = Merge(files, "hypir", faithful: false)["UNet"];
        var expected = new Fixture(Parity.PathOf("parity/onestep/fixtures/hypir_merged.safetensors"));

        foreach (var name in expected.Names)
        {
            merged.Read(name).ShouldMatch(expected[name].Reshape(merged.Read(name).Shape), Tolerance, name);
        }
    }

    /// <summary>The merged files by the networks' kinds.</summary>
    private static Dictionary<string, Checkpoint> Merge(OneStepFiles folder, string name, bool faithful)
    {
        var pack = OneStepFiles.Read(name);
        var (step, files) = (pack.OneStep!, new PackFiles(pack, folder.Folder));
        var unet = LoraTarget.Of(pack.UNet!);
        new MergedWeights(unet, step.Lora, step.Lora.Count - (faithful ? 1 : 0), files, new EngineOptions()).Prepare(
            null,
            default
        );
        if (step.EncoderLora.Count > 0)
        {
            var encoder = LoraTarget.Of(pack.Autoencoder!);
            new MergedWeights(encoder, step.EncoderLora, step.EncoderLora.Count, files, new EngineOptions()).Prepare(
                null,
                default
            );
        }

        return folder
            .Merged.Where(file => file.EndsWith(MergedWeights.Extension, StringComparison.Ordinal))
            .ToDictionary(file => file.Contains(".unet.", StringComparison.Ordinal) ? "UNet" : "Encoder", Checkpoint.Open);
    }

    private static (string Kind, string Weight) Split(string name) =>
        name.StartsWith("first_stage_model.", StringComparison.Ordinal) ? ("Encoder", name["first_stage_model.".Length..])
        : name.StartsWith("model.diffusion_model.", StringComparison.Ordinal) ? ("UNet", name["model.diffusion_model.".Length..])
        : ("UNet", name);

    private static float[] Numbers(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];
}
