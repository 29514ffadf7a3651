using DiffBir.Checkpoints;
using DiffBir.Networks;
using DiffBir.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

public sealed class PackFitTests
{
    [ParityTheory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_small_packs_fit_their_files(string version)
    {
        var pack = SmallPacks.Read(version);
        foreach (var task in pack.Tasks.Values)
        {
            PackFit.Validate(pack, task, Files(pack), Stage2.Diffusion);
        }
    }

    [ParityFact]
    public void All_networks_that_do_not_fit_are_named_at_once()
    {
        var pack = SmallPacks.Read("v2");
        pack = pack with
        {
            UNet = pack.UNet! with { Sizes = pack.UNet.Sizes with { ModelChannels = 64 } },
            Autoencoder = pack.AutoencoderSource with { Sizes = pack.AutoencoderSource.Sizes with { ResBlocks = 2 } },
        };

        var message = Mismatch(pack, RestorationTask.Sr);

        message.ShouldContain("UNet in ");
        message.ShouldContain("ControlNet in ");
        message.ShouldContain("Autoencoder in ");
        message.ShouldNotContain("TextEncoder in ");
        message.ShouldContain(" instead of ");
        message.ShouldContain(" missing (");
        message.ShouldContain("diffbir inspect");
    }

    [ParityFact]
    public void Layers_that_the_sizes_do_not_know_are_found()
    {
        var pack = SmallPacks.Read("v2");
        var stage1 = (Stage1Source<RrdbNetConfig>)pack.Tasks[RestorationTask.Sr].Stage1;
        var task = pack.Tasks[RestorationTask.Sr] with { Stage1 = stage1 with { Sizes = stage1.Sizes with { Blocks = 1 } } };

        Should
            .Throw<CheckpointException>(() => PackFit.Validate(pack, task, Files(pack), Stage2.None))
            .Message.ShouldContain("unexpected (RRDB_trunk.1.");
    }

    [ParityFact]
    public void A_wrong_prefix_shows_what_is_there_instead()
    {
        var pack = SmallPacks.Read("v2");
        pack = pack with { UNet = pack.UNet! with { Prefix = "diffusion_model." } };

        Mismatch(pack, RestorationTask.Sr).ShouldContain("diffusion_model.input_blocks");
    }

    [ParityFact]
    public void Stage_1_alone_needs_nothing_else()
    {
        var pack = SmallPacks.Read("v2");
        pack = pack with { UNet = pack.UNet! with { Prefix = "x." } };

        PackFit.Validate(pack, pack.Tasks[RestorationTask.Sr], Files(pack), Stage2.None);
    }

    private static string Mismatch(ModelPack pack, RestorationTask task) =>
        Should.Throw<CheckpointException>(() => PackFit.Validate(pack, pack.Tasks[task], Files(pack), Stage2.Diffusion)).Message;

    private static PackFiles Files(ModelPack pack) => new(pack, Parity.PathOf("parity/small/weights"));
}
