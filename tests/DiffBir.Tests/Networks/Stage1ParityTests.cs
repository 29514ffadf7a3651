using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

public sealed class Stage1ParityTests
{
    [ParityTheory]
    [InlineData("bsrnet/1x16x24")]
    [InlineData("bsrnet/2x17x9")]
    public void BsrNet_equals_the_original(string name) =>
        Check(name, "BSRNet.pth", x => RrdbNet.Build(SmallNetworks.RrdbNet, x.Size(0), x.Size(2), x.Size(3)));

    [ParityTheory]
    [InlineData("scunet_psnr/1x64x64")]
    [InlineData("scunet_psnr/1x70x90")]
    [InlineData("scunet_psnr/2x128x64")]
    public void ScuNet_equals_the_original(string name) =>
        Check(name, "scunet_color_real_psnr.pth", x => ScuNet.Build(SmallNetworks.ScuNet, x.Size(0), x.Size(2), x.Size(3)));

    [ParityTheory]
    [InlineData("swinir_face/1x64x64", "face_swinir_v1.ckpt")]
    [InlineData("swinir_general/1x64x64", "general_swinir_v1.ckpt")]
    [InlineData("swinir_general/2x64x128", "general_swinir_v1.ckpt")]
    [InlineData("swinir_realesrgan/1x128x128", "realesrgan_s4_swinir_100k.pth")]
    public void SwinIr_equals_the_original(string name, string file) =>
        Check(name, file, x => SwinIr.Build(SmallNetworks.SwinIr, x.Size(0), x.Size(2), x.Size(3)));

    [ParityFact]
    public void The_weights_of_BsrNet_are_exactly_the_checkpoints() =>
        CheckNames("BSRNet.pth", RrdbNet.Build(SmallNetworks.RrdbNet, 1, 16, 16));

    [ParityFact]
    public void The_weights_of_ScuNet_are_exactly_the_checkpoints() =>
        CheckNames("scunet_color_real_psnr.pth", ScuNet.Build(SmallNetworks.ScuNet, 1, 64, 64));

    [ParityTheory]
    [InlineData("face_swinir_v1.ckpt")]
    [InlineData("general_swinir_v1.ckpt")]
    [InlineData("realesrgan_s4_swinir_100k.pth")]
    public void The_weights_of_SwinIr_are_exactly_the_checkpoints(string file) =>
        CheckNames(file, SwinIr.Build(SmallNetworks.SwinIr, 1, 64, 64));

    private static void Check(string name, string file, Func<Tensor, Graph> build)
    {
        var fixture = Parity.Fixture("stage1");
        var x = fixture.Tensor($"{name}/x");
        var clean = SmallNetworks.Run(build(x), Weights.From(SmallNetworks.Open(file)), ("lq", x))["clean"];
        clean.ShouldMatch(fixture.Tensor($"{name}/y"), SmallNetworks.Tolerance, name);
    }

    private static void CheckNames(string file, Graph graph) =>
        SmallNetworks
            .Open(file)
            .Tensors.Keys.Where(name => !IsComputed(name))
            .ShouldBe(SmallNetworks.ParameterNames(graph), ignoreOrder: true);

    // Tables that SwinIR's checkpoints carry along although they follow from the sizes.
    private static bool IsComputed(string name) =>
        name.EndsWith(".relative_position_index", StringComparison.Ordinal)
        || name.EndsWith(".attn_mask", StringComparison.Ordinal);
}
