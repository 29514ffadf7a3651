using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

/// <summary>What a new stage needs: its own class, which stands in this file, and its place in a pipeline.</summary>
public sealed class NewStageTests
{
    private const int Side = 192;

    private static readonly ModelPack Pack = PackCatalog.Find("mini");

    private static readonly RestorationOptions DefaultOptions = new()
    {
        Stage1Only = true,
        Upscale = 1,
        Engine = new EngineOptions { Device = Device.Cpu, Threads = 1 },
    };

    [Fact]
    public void It_runs_where_the_pipeline_has_it()
    {
        using var lq = APhoto();
        using var plain = Restore(lq, Pipeline.Of);

        using var negative = Restore(lq, WithNegative());

        var expected = Array.ConvertAll(plain.Pixels.ToTensor().Data, value => 1 - value);
        negative.Pixels.ToTensor().ShouldBeCloseTo(new Tensor(expected, 1, 3, Side, Side), tolerance: 0);
    }

    [Fact]
    public void Users_hear_of_it_in_its_place()
    {
        using var lq = APhoto();
        var heard = new List<RestorationProgress>();

        Restore(lq, WithNegative(), new RestorationEvents { OnProgress = heard.Add }).Dispose();

        heard.ShouldBe([
            new(RestorationStage.RemovingDegradation, 0, 1),
            new(RestorationStage.RemovingDegradation, 1, 1),
            new(Negative.Called, 0, 1),
            new(Negative.Called, 1, 1),
        ]);
    }

    [Fact]
    public void It_counts_for_the_time_that_is_left()
    {
        using var lq = APhoto();
        using var restorer = new Restorer(Pack, DefaultOptions.Settle(Pack), WithNegative());

        var work = restorer.Work(lq);

        work.Stages.Select(stage => stage.Stage).ShouldBe([RestorationStage.RemovingDegradation, Negative.Called]);
        work.Of(Negative.Called).ShouldBe(3 * Side * Side);
        work.Before(Negative.Called).Single().Stage.ShouldBe(RestorationStage.RemovingDegradation);
        work.After(Negative.Called).ShouldBeEmpty();
    }

    [Fact]
    public void Its_tiles_are_planned_told_and_halved_where_memory_does_not_suffice()
    {
        using var lq = APhoto();
        var decisions = new List<string>();
        var stage = new Negative { MaxTile = 128 };

        Restore(lq, WithNegative(stage), new RestorationEvents { OnDecision = decisions.Add }).Dispose();

        decisions.ShouldBe([
            "Tiles: stage 1 whole, negative whole.",
            "Memory did not suffice for the negative; going on with tiles of 128 pixels.",
        ]);
        stage.Tiles.ShouldBe([Side, 128]);
    }

    [Fact]
    public void Its_networks_are_loaded_while_the_stage_before_it_runs()
    {
        using var lq = APhoto();
        var stage = new Negative();
        var before = new Waiting(stage);

        Restore(lq, With(before, stage)).Dispose();

        before.HasSeenItLoaded.ShouldBeTrue();
    }

    [Fact]
    public void Under_a_limit_of_memory_its_networks_are_not_loaded_before_its_turn()
    {
        using var lq = APhoto();
        var stage = new Negative();
        var options = DefaultOptions with { Tiling = new TilingOptions { MaxMemory = 64L << 30 } };

        Restore(lq, With(stage), options: options).Dispose();

        stage.IsLoaded.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Networks_are_loaded_ahead_on_a_processor_however_it_was_chosen_and_not_on_a_GPU()
    {
        HasRoom(Device.Auto, Machines.Of(driver: null)).ShouldBe(HasRoom(Device.Cpu, DeviceProbe.Here));
        HasRoom(Device.Auto, Machines.WithCuda).ShouldBeFalse();

        static bool HasRoom(Device device, DeviceProbe probe)
        {
            var options = DefaultOptions with
            {
                Engine = new EngineOptions { Device = device, Probe = probe },
            };
            using var networks = new RestorationNetworks(Pack, options.Settle(Pack), new PackFiles(Pack));
            return networks.HasRoomToLoadAhead;
        }
    }

    private static Photo APhoto() => Photo.Of(Pictures.Gradient(Side, Side));

    private static Func<ModelPack, RestorationSettings, Pipeline> WithNegative(Negative? negative = null) =>
        With(negative ?? new Negative());

    /// <summary>Stages behind the first one.</summary>
    private static Func<ModelPack, RestorationSettings, Pipeline> With(params IStage[] news) =>
        (pack, settings) =>
        {
            var stages = Pipeline.Of(pack, settings).Stages;
            return new Pipeline([stages[0], .. news, .. stages.Skip(1)]);
        };

    private static Photo Restore(
        Photo lq,
        Func<ModelPack, RestorationSettings, Pipeline> compose,
        RestorationEvents? events = null,
        RestorationOptions? options = null
    )
    {
        using var restorer = new Restorer(Pack, (options ?? DefaultOptions).Settle(Pack), compose);
        return restorer.Restore(lq, events).Single();
    }

    /// <summary>Turns the clean image into its negative.</summary>
    private sealed class Negative : IStage
    {
        /// <summary>A word that no other stage has.</summary>
        public const RestorationStage Called = (RestorationStage)99;

        /// <summary>Larger tiles do not fit.</summary>
        public int MaxTile { get; init; } = int.MaxValue;

        /// <summary>The tiles that were tried.</summary>
        public List<int> Tiles { get; } = [];

        /// <summary>Ends when its networks would have been loaded.</summary>
        public TaskCompletionSource IsLoaded { get; } = new();

        public RestorationStage? Kind => Called;

        public TiledPart Part { get; } = new("negative", "the negative");

        public TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes) =>
            plan.With(Part, tiles: null, sizes.Clean.Height);

        public double Flops(TilePlan plan, RestorationSizes sizes) => 3.0 * sizes.Clean.Height * sizes.Clean.Width;

        public void LoadAhead(RestorationRun run) => IsLoaded.SetResult();

        public void Run(RestorationRun run)
        {
            Tiles.Add(run.Plan.SideOf(Part));
            if (Tiles[^1] > MaxTile)
            {
                throw new EngineException("full", new InvalidOperationException("Failed to allocate memory"));
            }

            run.Report(Called, 0, 1);
            var negative = Array.ConvertAll(run.Clean.ToTensor().Data, value => 1 - value);
            run.Clean = run.Storage.Store(new Tensor(negative, 1, 3, run.Clean.Height, run.Clean.Width));
            run.Report(Called, 1, 1);
        }
    }

    /// <summary>Runs until the networks of the next stage are loaded.</summary>
    private sealed class Waiting(Negative next) : IStage
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

        /// <summary>Whether they were, or the machine has no room for them.</summary>
        public bool HasSeenItLoaded { get; private set; }

        public RestorationStage? Kind => null;

        public void Run(RestorationRun run) =>
            HasSeenItLoaded =
                next.IsLoaded.Task.Wait(run.Networks.HasRoomToLoadAhead ? Patience : TimeSpan.Zero)
                || !run.Networks.HasRoomToLoadAhead;
    }
}
