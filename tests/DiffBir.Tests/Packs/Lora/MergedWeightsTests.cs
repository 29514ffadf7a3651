using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Packs;
using DiffBir.Packs.Lora;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs.Lora;

/// <summary>Merged weights are made once, found again, checked, and made anew where something is amiss.</summary>
public sealed class MergedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelPack _pack = SmallPacks.Read("osediff");
    private readonly List<string> _said = [];

    public MergedWeightsTests()
    {
        foreach (var file in Directory.EnumerateFiles(GeneratedWeights.Folder("osediff"), "osediff.pkl").Append(Base))
        {
            File.Copy(file, _folder.File(Path.GetFileName(file)), overwrite: true);
        }
    }

    private static string Base => Path.Combine(GeneratedWeights.Folder("osediff"), "v2-1_512-ema-pruned.ckpt");

    private string Lora => _folder.File("osediff.pkl");

    [Fact]
    public void A_second_run_finds_what_the_first_one_merged()
    {
        Merge();
        var file = Merged();
        var written = File.GetLastWriteTimeUtc(file);

        Merge();

        _said.Count.ShouldBe(1);
        File.GetLastWriteTimeUtc(Merged()).ShouldBe(written);
        Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).ShouldNotContain(name => name!.Contains("partial"));
    }

    [Fact]
    public void A_weight_is_the_base_and_the_product_of_the_factors()
    {
        var merged = Checkpoint.Open(MergeAndFind());
        var (original, lora) = (Checkpoint.Open(_folder.File(Path.GetFileName(Base))), Checkpoint.Open(Lora));
        const string name = "output_blocks.2.1.conv.weight";
        const string module = "state_dict_unet.up_blocks.0.upsamplers.0.conv";
        var (a, b) = (lora.Read($"{module}.lora_A.default.weight"), lora.Read($"{module}.lora_B.default.weight"));
        var expected = original.Read($"model.diffusion_model.{name}").Clone();
        var (rank, columns) = (a.Size(0), a.Length / a.Size(0));
        for (var index = 0; index < expected.Length; index++)
        {
            for (var k = 0; k < rank; k++)
            {
                expected.Data[index] +=
                    8f / rank * b.Data[(index / columns * rank) + k] * a.Data[(k * columns) + (index % columns)];
            }
        }

        merged.Read(name).ShouldMatch(expected, 1e-6, name);
        merged.Tensors.ContainsKey("time_embed.0.weight").ShouldBeFalse();
    }

    [Fact]
    public void A_deleted_or_damaged_file_is_made_anew()
    {
        var file = MergeAndFind();
        var sound = File.ReadAllBytes(file);
        File.Delete(file);
        Merge();
        File.ReadAllBytes(file).ShouldBe(sound);

        var damaged = (byte[])sound.Clone();
        damaged[^1] ^= 1;
        File.WriteAllBytes(file, damaged);
        Merge();

        File.ReadAllBytes(file).ShouldBe(sound);
        _said.Count.ShouldBe(3);
    }

    [Fact]
    public void Other_weights_of_the_base_or_another_scale_are_merged_apart()
    {
        var first = MergeAndFind();
        var bytes = File.ReadAllBytes(_folder.File(Path.GetFileName(Base)));
        bytes[^1] ^= 0x40;
        File.WriteAllBytes(_folder.File(Path.GetFileName(Base)), bytes);

        Merge();
        Merge([.. _pack.OneStep!.Lora.Select(lora => lora with { Alpha = 4 })]);

        _said.Count.ShouldBe(3);
        Directory.EnumerateFiles(_folder.Path, "*" + MergedWeights.Extension).Count().ShouldBe(3);
        File.Exists(first).ShouldBeTrue();
    }

    [Fact]
    public void A_file_that_was_only_touched_is_known_again_by_its_content()
    {
        Merge();
        File.SetLastWriteTimeUtc(Lora, File.GetLastWriteTimeUtc(Lora).AddDays(-3));

        Merge();
        Merge();

        _said.Count.ShouldBe(1);
    }

    [Fact]
    public void A_cancelled_merge_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() => Weights(_pack.OneStep!.Lora).Prepare(null, cancelled.Token));

        Directory.EnumerateFiles(_folder.Path).Count().ShouldBe(2);
    }

    [Fact]
    public void A_lora_with_tensors_missing_or_too_many_is_refused_by_name()
    {
        var lora = Checkpoint.Open(Lora);
        const string missing = "state_dict_unet.conv_out.lora_B.default.weight";
        var kept = lora
            .Tensors.Keys.Where(name => name != missing)
            .Select(name => SafetensorsEntry.Of(name, lora.Read(name)))
            .ToList();
        var surplus = SafetensorsEntry.Of("state_dict_unet.conv_norm_out.lora_A.default.weight", new Tensor([1f, 2f], 1, 2));
        SafetensorsWriter.Write(Lora, [.. kept, surplus]);

        var message = Should.Throw<CheckpointException>(() => Merge()).Message;

        message.ShouldContain("1 missing (state_dict_unet.conv_out.lora_B)");
        message.ShouldContain("1 unexpected (state_dict_unet.conv_norm_out.lora_A.default.weight)");
        message.ShouldContain("Use the file made for this model.");
    }

    public void Dispose() => _folder.Dispose();

    private MergedWeights Weights(IReadOnlyList<LoraSource> loras) =>
        new(LoraTarget.Of(_pack.UNet!), loras, loras.Count, new PackFiles(_pack, _folder.Path), new EngineOptions());

    private void Merge(IReadOnlyList<LoraSource>? loras = null) =>
        Weights(loras ?? _pack.OneStep!.Lora).Prepare(_said.Add, default);

    private string MergeAndFind()
    {
        Merge();
        return Merged();
    }

    private string Merged() => Directory.EnumerateFiles(_folder.Path, "*" + MergedWeights.Extension).Single();
}
