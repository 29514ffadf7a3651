using DiffBir.Packs;
using DiffBir.Tests.Support;
using DiffBir.Training.Configuration;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

/// <summary>A network of stage 1 that the library does not know is trained like any other.</summary>
public sealed class NewNetworkTests
{
    private static readonly Stage1Options Options = TinyRuns.Stage1 with
    {
        Network = new Stage1Source<OneConvolutionConfig> { File = NetworkNames.Stage1 },
    };

    [Fact]
    public void A_new_network_is_trained_written_and_trained_further()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 48);

        Train(folder, photos, "first", Options);
        var start = new StartWeights { Path = "../first/stage1.safetensors" };
        var text = Train(folder, photos, "second", Options with { StartFrom = start });

        text.ShouldContain("train step 6:");
        var written = OptionsFile.Parse<Stage1Source>(folder.File("second/stage1.json"), OneConvolution.Registered);
        written.Config.ShouldBe(new OneConvolutionConfig());
    }

    [Fact]
    public void Its_sizes_are_validated_before_anything_starts()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("config.json");
        var source = new Stage1Source<OneConvolutionConfig>
        {
            File = NetworkNames.Stage1,
            Sizes = new() { Kernel = 4 },
        };
        File.WriteAllText(file, OptionsFile.Write(Options with { Network = source }, OneConvolution.Registered));

        Should
            .Throw<DiffBirException>(() => OptionsFile.Read<Stage1Options>(file, OneConvolution.Registered))
            .Message.ShouldContain("it has network.sizes.kernel 4; it must be odd");
    }

    private static string Train(TemporaryFolder folder, string photos, string name, Stage1Options options) =>
        (
            TinyRuns.Of(folder, photos, name, options, (options, path) => new Stage1Task(options, CPU, path)) with
            {
                Degradations = options.Degradations,
                Architectures = OneConvolution.Registered,
            }
        ).Train();
}
