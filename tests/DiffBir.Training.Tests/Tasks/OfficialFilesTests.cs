using DiffBir.Checkpoints;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

public sealed class OfficialFilesTests
{
    [ParityFact]
    public void Stage_2_starts_from_files_in_the_official_layout()
    {
        using var folder = new TemporaryFolder();
        var photos = PhotoFolder.Create(folder, 72);
        var options = Options(SmallPack());

        var run = TinyRuns.Of(folder, photos, "stage2", options, (o, p) => new Stage2Task(o, CPU, p));
        (run with { Degradations = options.Degradations }).Train();

        // One step of Adam moves each weight that has a gradient by the learning rate.
        var start = Checkpoint
            .Open(Parity.Weights("v2-1_512-ema-pruned.ckpt"))
            .Read("model.diffusion_model.input_blocks.1.0.in_layers.2.weight");
        var trained = Checkpoint.Open(folder.File("stage2/control.safetensors"));
        trained.Read("input_blocks.1.0.in_layers.2.weight").ShouldBeCloseTo(start, 1.01 * options.Optimizer.LearningRate);
        trained.Read("zero_convs.1.0.weight").Data.ShouldContain(value => value != 0);
    }

    private static ModelPack SmallPack() => PackReader.Read(Path.Combine(Parity.WorkingCopy, "tests", "packs", "small-v2"));

    private static Stage2Options Options(ModelPack pack)
    {
        var sd = Parity.Weights("v2-1_512-ema-pruned.ckpt");
        return new Stage2Options
        {
            Steps = 1,
            LogEvery = 1,
            Autoencoder = new FrozenNetworkSource<AutoencoderConfig>
            {
                Path = sd,
                Prefix = pack.AutoencoderSource.Prefix,
                Sizes = pack.AutoencoderSource.Sizes,
            },
            Prior = new FrozenNetworkSource<UNetConfig>
            {
                Path = sd,
                Prefix = pack.UNet!.Prefix,
                Sizes = pack.UNet.Sizes,
            },
            Text = new TextOptions
            {
                Encoder = new FrozenNetworkSource<TextEncoderConfig>
                {
                    Path = sd,
                    Prefix = pack.TextEncoder!.Network.Prefix,
                    Sizes = pack.TextEncoder.Network.Sizes,
                },
                Vocabulary = Parity.PathOf("clip/bpe_simple_vocab_16e6.txt.gz"),
            },
            Stage1 = new FrozenNetworkSource<Stage1Source>
            {
                Path = Parity.Weights("face_swinir_v1.ckpt"),
                Prefix = pack.Tasks[RestorationTask.Face].Stage1.Prefix,
                Sizes = pack.Tasks[RestorationTask.Face].Stage1,
            },
            Schedule = pack.Schedule,
            Data = new DataOptions { Batch = 1, Crop = 64 },
        };
    }
}
