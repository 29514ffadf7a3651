using DiffBir.Checkpoints;
using DiffBir.Cli.Display;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>What a network of stage 1 needs to be used: one file (<see cref="OneConvolution"/>) and its place in the registry.</summary>
public sealed class NewNetworkTests : IDisposable
{
    private const float Brightness = 0.25f;
    private const int Kernel = 5;
    private const double Tolerance = 1e-6;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Inspection_finds_it_with_its_sizes()
    {
        var report = CheckpointInspector.Inspect(Checkpoint.Open(WriteWeights()), OneConvolution.Registered);

        var network = report.Networks.ShouldHaveSingleItem();
        network.Kind.ShouldBe("OneConvolution");
        network.Sizes.ShouldBe(new OneConvolutionConfig { Kernel = Kernel });
        report.IsUsable.ShouldBeTrue();
        InspectionText
            .Of(report)
            .ShouldContain("One convolution (stage 1, for tests): its own size, 228 weights as Float32; complete");
    }

    [Fact]
    public void Who_has_not_registered_it_does_not_find_it() =>
        CheckpointInspector.Inspect(Checkpoint.Open(WriteWeights())).Networks.ShouldBeEmpty();

    [Fact]
    public void A_pack_names_it_and_its_sizes_are_validated()
    {
        var pack = Read(Pack(Kernel));

        pack.Tasks[RestorationTask.Denoise].Stage1.Config.ShouldBe(new OneConvolutionConfig { Kernel = Kernel });
        File.ReadAllText(_folder.File("model.json")).ShouldContain("\"kind\": \"oneconvolution\"");
        Should
            .Throw<PackException>(() => Read(Pack(kernel: 4)))
            .Message.ShouldContain("has tasks.denoise.stage1.sizes.kernel 4; it must be odd");
    }

    [Fact]
    public void A_pack_without_the_kind_is_told_all_kinds()
    {
        Read(Pack(Kernel));
        var file = _folder.File("model.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"kind\": \"oneconvolution\",", "", StringComparison.Ordinal));

        Should
            .Throw<PackException>(() => PackReader.Read(_folder.Path, OneConvolution.Registered))
            .Message.ShouldContain("swinir, rrdbnet, scunet, realesrgan, srvggnetcompact, drunet, oneconvolution");
    }

    [Fact]
    public void Weights_of_other_sizes_are_named_before_anything_runs()
    {
        WriteWeights();
        var pack = Read(Pack(kernel: 3));

        Should
            .Throw<CheckpointException>(() => Restorer(pack))
            .Message.ShouldContain("the_convolution.weight is [3, 3, 5, 5] instead of [3, 3, 3, 3]");
    }

    [Fact]
    public void A_photo_is_restored_by_it()
    {
        WriteWeights();
        using var lq = Photo.Of(Pictures.Gradient(40, 56));
        using var restorer = Restorer(Read(Pack(Kernel)));

        using var restored = restorer.Restore(lq)[0];

        var expected = new Tensor(Array.ConvertAll(lq.Pixels.ToTensor().Data, value => value + Brightness), 1, 3, 40, 56);
        restored.Pixels.ToTensor().ShouldBeCloseTo(expected, Tolerance);
    }

    private static Restorer Restorer(ModelPack pack) =>
        new(
            pack,
            new RestorationOptions
            {
                Task = RestorationTask.Denoise,
                Upscale = 1,
                Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
            }
        );

    private ModelPack Read(ModelPack pack)
    {
        PackReader.Write(pack, _folder.Path, OneConvolution.Registered);
        return PackReader.Read(_folder.Path, OneConvolution.Registered);
    }

    /// <summary>The network as a pack: stage 1 alone.</summary>
    private static ModelPack Pack(int kernel) =>
        new()
        {
            Name = "new",
            Title = "A new network",
            License = "Apache-2.0",
            Files = new Dictionary<string, PackFile> { ["stage1"] = new() { Name = "stage1.safetensors" } },
            Tasks = new Dictionary<RestorationTask, TaskNetworks>
            {
                [RestorationTask.Denoise] = new()
                {
                    Stage1 = new Stage1Source<OneConvolutionConfig>
                    {
                        File = "stage1",
                        Sizes = new() { Kernel = kernel },
                    },
                },
            },
            MinimumSide = 16,
            Defaults = new PackDefaults(),
        };

    /// <summary>Writes weights that make each pixel brighter.</summary>
    private string WriteWeights()
    {
        var path = _folder.File("stage1.safetensors");
        var shapes = WeightFiles.Shapes(new OneConvolutionConfig { Kernel = Kernel }.Build(1, 1, 1));
        SafetensorsWriter.Write(path, shapes.Select(pair => SafetensorsEntry.Of(pair.Key, pair.Value, () => Values(pair.Value))));
        return path;
    }

    private static Tensor Values(long[] shape)
    {
        var tensor = new Tensor([.. shape.Select(size => (int)size)]);
        if (shape.Length == 1)
        {
            tensor.Span.Fill(Brightness);
            return tensor;
        }

        const int area = Kernel * Kernel;
        for (var channel = 0; channel < 3; channel++)
        {
            tensor.Span[(((channel * 3) + channel) * area) + (area / 2)] = 1;
        }

        return tensor;
    }
}
