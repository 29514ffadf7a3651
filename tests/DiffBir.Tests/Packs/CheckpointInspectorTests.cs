using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

public sealed class CheckpointInspectorTests : IDisposable
{
    private static readonly RrdbNetConfig Small = new()
    {
        Channels = 4,
        Blocks = 2,
        Growth = 2,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ParityTheory]
    [InlineData("BSRNet.pth", "RrdbNet")]
    [InlineData("scunet_color_real_psnr.pth", "ScuNet")]
    [InlineData("face_swinir_v1.ckpt", "SwinIr")]
    [InlineData("general_swinir_v1.ckpt", "SwinIr")]
    [InlineData("realesrgan_s4_swinir_100k.pth", "SwinIr")]
    [InlineData("v1_face.pth", "ControlNet")]
    [InlineData("v1_general.pth", "ControlNet")]
    [InlineData("v2.pth", "ControlNet")]
    [InlineData("DiffBIR_v2.1.pt", "ControlNet")]
    public void Official_files_of_one_network_are_recognized(string file, string kind)
    {
        var report = CheckpointInspector.Inspect(SmallNetworks.Open(file));

        report.Networks.ShouldHaveSingleItem().Kind.ShouldBe(kind);
        report.IsUsable.ShouldBeTrue();
        report.Unexpected.ShouldBeEmpty();
        var sizes = report.Networks[0].Sizes;
        object expected = kind switch
        {
            "RrdbNet" => SmallNetworks.RrdbNet,
            "ScuNet" => SmallNetworks.ScuNet,
            "SwinIr" => SmallNetworks.SwinIr,
            // Heads leave no trace in the weights.
            _ => SmallNetworks.UNet with { HeadChannels = ((UNetConfig)sizes).HeadChannels },
        };
        Architecture.AreSame(sizes, expected).ShouldBeTrue($"{sizes} is not {expected}");
    }

    [ParityTheory]
    [InlineData("v2-1_512-ema-pruned.ckpt")]
    [InlineData("sd2.1-base-zsnr-laionaes5.ckpt")]
    public void Stable_Diffusion_holds_three_networks_and_leftovers(string file)
    {
        var report = CheckpointInspector.Inspect(SmallNetworks.Open(file));

        report
            .Networks.Select(network => (network.Kind, network.Prefix))
            .ShouldBe([
                ("TextEncoder", "cond_stage_model.model."),
                ("Autoencoder", "first_stage_model."),
                ("UNet", "model.diffusion_model."),
            ]);
        report.IsUsable.ShouldBeTrue();
        report.Unneeded.ShouldContain("betas");
        report.Unexpected.ShouldBeEmpty();
        var used = report.Networks.Sum(network => network.Parameters) + Count(report, report.Unneeded);
        used.ShouldBe(report.Checkpoint.Tensors.Values.Sum(tensor => tensor.Count));
    }

    [Fact]
    public void The_official_size_is_recognized()
    {
        var shapes = WeightFiles.Shapes(RrdbNet.Build(RrdbNetConfig.BsrNet, 1, 8, 8));

        Inspect(shapes).Networks[0].IsOfficialSize.ShouldBeTrue();
        Inspect(Shapes()).Networks[0].IsOfficialSize.ShouldBeFalse();
    }

    [Fact]
    public void What_is_missing_misshapen_or_unknown_is_listed()
    {
        var shapes = Shapes();
        shapes.Remove("HRconv.bias");
        shapes["conv_last.weight"] = [3, 4, 1, 1];
        shapes["extra.weight"] = [2];
        shapes["model_ema.decay"] = [];

        var report = Inspect(shapes);

        var network = report.Networks.ShouldHaveSingleItem();
        network.Missing.ShouldBe(["HRconv.bias"]);
        var wrong = network.WrongShapes.ShouldHaveSingleItem();
        wrong.Name.ShouldBe("conv_last.weight");
        wrong.Stored.ShouldBe([3, 4, 1, 1]);
        wrong.Needed.ShouldBe([3, 4, 3, 3]);
        report.Unexpected.ShouldBe(["extra.weight"]);
        report.Unneeded.ShouldBe(["model_ema.decay"]);
        report.IsUsable.ShouldBeFalse();
    }

    [Fact]
    public void A_block_that_is_missing_in_between_is_missed()
    {
        var shapes = Shapes();
        foreach (var name in shapes.Keys.Where(name => name.StartsWith("RRDB_trunk.0.RDB2", StringComparison.Ordinal)))
        {
            shapes.Remove(name);
        }

        Inspect(shapes).Networks[0].Missing.Count.ShouldBe(10);
    }

    [Fact]
    public void A_file_of_other_networks_is_not_usable()
    {
        var report = Inspect(new() { ["layer1.0.conv1.weight"] = [2, 2] });

        report.Networks.ShouldBeEmpty();
        report.IsUsable.ShouldBeFalse();
        report.Unexpected.ShouldBe(["layer1.0.conv1.weight"]);
    }

    [Fact]
    public void Another_ControlNet_is_not_taken_for_IRControlNet() =>
        Inspect(new() { ["zero_convs.0.0.weight"] = [8, 8, 1, 1], ["input_hint_block.0.weight"] = [16, 3, 3, 3] })
            .Networks.ShouldBeEmpty();

    [Fact]
    public void Absurdly_many_networks_are_refused()
    {
        var shapes = Enumerable.Range(0, 100).ToDictionary(i => $"copy{i}.conv_first.1.weight", _ => (long[])[1, 12, 1, 1]);

        Should.Throw<CheckpointException>(() => Inspect(shapes)).Message.ShouldContain("more than 16 networks");
    }

    [Theory]
    [InlineData("RRDB_trunk.0.RDB1.conv1.weight")]
    [InlineData("m_head.0.weight")]
    [InlineData("conv_first.1.weight")]
    [InlineData("output_blocks.0.0.in_layers.0.weight")]
    [InlineData("zero_convs.0.0.weight")]
    [InlineData("encoder.conv_in.weight")]
    [InlineData("transformer.resblocks.0.ln_1.weight")]
    public void One_name_alone_is_a_network_that_lacks_the_rest(string name)
    {
        var report = Inspect(new() { [name] = [1] });

        report.IsUsable.ShouldBeFalse();
        var network = report.Networks.ShouldHaveSingleItem();
        (network.Missing.Count > 0 || network.Problem is not null).ShouldBeTrue();
    }

    [ParityTheory]
    [InlineData("BSRNet.pth")]
    [InlineData("scunet_color_real_psnr.pth")]
    [InlineData("general_swinir_v1.ckpt")]
    [InlineData("v2.pth")]
    [InlineData("v2-1_512-ema-pruned.ckpt")]
    public void Shapes_and_names_changed_at_random_are_only_reported(string file)
    {
        const int Rounds = 25;
        long[] sizes = [0, 1, 2, 3, 7, 1000, 65536, 65537];
        var original = SmallNetworks.Open(file).Tensors.Values;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new SplitMix64((ulong)seed);
            var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
            foreach (var tensor in original)
            {
                // Few changes, so that most of the network stays recognizable; headers alone are written.
                var shape = tensor.Shape.ToArray();
                if (shape.Length > 0 && random.Integer(50) == 0)
                {
                    shape[random.Integer(shape.Length)] = sizes[random.Integer(sizes.Length)];
                }

                var name = random.Integer(50) == 0 ? Renumber(tensor.Name, random) : tensor.Name;
                shapes[name] = shape;
            }

            var report = CheckpointInspector.Inspect(WeightFiles.Sparse(_folder.File("x.safetensors"), shapes));

            report.Networks.ShouldAllBe(network => network.Sizes != null);
        }
    }

    private static string Renumber(string name, SplitMix64 random)
    {
        var parts = name.Split('.');
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = int.TryParse(parts[i], out _) && random.Integer(2) == 0 ? $"{random.Integer(2000)}" : parts[i];
        }

        return string.Join('.', parts);
    }

    private static long Count(CheckpointReport report, IEnumerable<string> names) =>
        names.Sum(name => report.Checkpoint.Tensors[name].Count);

    private static Dictionary<string, long[]> Shapes() => WeightFiles.Shapes(RrdbNet.Build(Small, 1, 8, 8));

    private CheckpointReport Inspect(Dictionary<string, long[]> shapes) =>
        CheckpointInspector.Inspect(WeightFiles.Write(_folder.File("x.safetensors"), shapes));
}
