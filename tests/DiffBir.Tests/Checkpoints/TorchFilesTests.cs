using DiffBir.Checkpoints;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Files that torch.save wrote.</summary>
public sealed class TorchFilesTests
{
    [Theory]
    [InlineData("odd_tensors.pth", nameof(CheckpointFormat.TorchZip))]
    [InlineData("odd_tensors_protocol4.pth", nameof(CheckpointFormat.TorchZip))]
    [InlineData("odd_tensors_legacy.pth", nameof(CheckpointFormat.TorchLegacy))]
    public void Views_shared_storages_and_every_type_are_read(string name, string format)
    {
        var expected = new Fixture(Golden.PathOf("checkpoints/odd_tensors.safetensors"));

        var actual = Checkpoint.Open(Golden.PathOf($"checkpoints/{name}"));

        actual.Format.ToString().ShouldBe(format);
        actual.Tensors.Keys.ShouldBe(expected.Names, ignoreOrder: true);
        foreach (var tensor in expected.Names)
        {
            actual.Read(tensor).ShouldBeCloseTo(expected[tensor], tolerance: 0, tensor);
            actual.ReadDoubles(tensor).ShouldBe(expected.Doubles(tensor), tensor);
            actual.ReadIntegers(tensor).ShouldBe(expected.Integers(tensor), tensor);
        }

        actual.Tensors["transposed"].IsContiguous.ShouldBeFalse();
        actual.Tensors["transposed"].Strides.ShouldBe([1, 5, 20]);
        actual.Tensors["expanded"].IsContiguous.ShouldBeFalse();
        actual.Tensors["shared_b"].IsContiguous.ShouldBeTrue();
        actual.Tensors["shared_b"].Offset.ShouldBe(actual.Tensors["shared_a"].Offset + (40 * sizeof(float)));
        actual.Tensors["bf16"].Type.ShouldBe(ElementType.BFloat16);
        actual.Tensors["boolean"].Type.ShouldBe(ElementType.Bool);
    }

    [ParityTheory]
    [InlineData("BSRNet_legacy.pth")]
    [InlineData("BSRNet_wrapped_module.ckpt")]
    public void Layout_and_wrappers_do_not_matter(string name)
    {
        var expected = Checkpoint.Open(Parity.Weights("BSRNet.pth"));

        var actual = Checkpoint.Open(Parity.PathOf($"parity/small/extra/{name}"));

        actual.Tensors.Keys.ShouldBe(expected.Tensors.Keys, ignoreOrder: true);
        foreach (var tensor in expected.Tensors.Keys)
        {
            actual.Read(tensor).ShouldBeCloseTo(expected.Read(tensor), tolerance: 0, tensor);
        }
    }

    [ParityTheory]
    [InlineData("BSRNet.pth", 72, "RRDB_trunk.0.RDB1.conv1.weight", nameof(ElementType.Float32))]
    [InlineData("DiffBIR_v2.1.pt", 322, "input_blocks.0.0.weight", nameof(ElementType.Float32))]
    [InlineData("face_swinir_v1.ckpt", 82, "layers.0.residual_group.blocks.0.norm1.weight", nameof(ElementType.Float32))]
    [InlineData("general_swinir_v1.ckpt", 82, "conv_first.1.weight", nameof(ElementType.Float32))]
    [InlineData("realesrgan_s4_swinir_100k.pth", 82, "conv_first.1.weight", nameof(ElementType.Float32))]
    [InlineData("scunet_color_real_psnr.pth", 274, "m_head.0.weight", nameof(ElementType.Float32))]
    [InlineData("sd2.1-base-zsnr-laionaes5.ckpt", 918, "cond_stage_model.model.ln_final.bias", nameof(ElementType.Float16))]
    [InlineData("v1_face.pth", 322, "time_embed.0.weight", nameof(ElementType.Float16))]
    [InlineData("v1_general.pth", 322, "time_embed.0.weight", nameof(ElementType.Float16))]
    [InlineData(
        "v2-1_512-ema-pruned.ckpt",
        920,
        "model.diffusion_model.input_blocks.1.0.in_layers.2.weight",
        nameof(ElementType.Float32)
    )]
    [InlineData("v2.pth", 322, "time_embed.0.weight", nameof(ElementType.Float32))]
    public void Official_layouts_open_with_their_leftovers_ignored(string name, int count, string tensor, string type)
    {
        var checkpoint = Checkpoint.Open(Parity.Weights(name));

        checkpoint.Tensors.Count.ShouldBe(count);
        checkpoint.Tensors[tensor].Type.ToString().ShouldBe(type);
        checkpoint.Tensors.Values.ShouldAllBe(t => t.IsAligned);
        checkpoint
            .Tensors.Values.Where(t => !t.IsContiguous)
            .ShouldAllBe(t => t.Name.EndsWith("relative_position_params", StringComparison.Ordinal));
        foreach (var stored in checkpoint.Tensors.Values)
        {
            checkpoint.Read(stored.Name).Data.ShouldNotContain(float.NaN, stored.Name);
        }
    }
}
