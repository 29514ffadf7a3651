using DiffBir.Engine;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration.Stages;

namespace DiffBir.Restoration;

/// <summary>The stages of a restoration in their order: planned, estimated and run one after the other.</summary>
/// <param name="stages">The stages.</param>
internal sealed class Pipeline(params IReadOnlyList<IStage> stages)
{
    /// <summary>The stages in their order.</summary>
    public IReadOnlyList<IStage> Stages => stages;

    /// <summary>What users are told of it before it runs; null: nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The pipeline of a pack: the one place that knows which stages there are and in which order.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What was asked for.</param>
    public static Pipeline Of(ModelPack pack, RestorationSettings settings) =>
        settings.Stage2 switch
        {
            Stage2.None => new(new DegradationRemovalStage(pack, settings), new OutputSizeStage())
            {
                Note =
                    pack.UNet is null && pack.Generator is null
                        ? $"The model {pack.Name} is stage 1 alone: one network does it all, and options of stage 2 change nothing."
                        : null,
            },
            Stage2.Generator => new([
                new DegradationRemovalStage(pack, settings),
                new GeneratorStage(pack, settings),
                new ColorFixStage(settings.ColorFix),
                .. pack.Defaults.KeepsTexture ? new IStage[] { new TextureStage() } : [],
                new OutputSizeStage(),
            ])
            {
                Note = pack.UNet is null
                    ? null
                    : $"One step: the generator of {pack.Name} makes all detail at once. Prompts and samplers come into play with --steps 2 or more.",
            },
            Stage2.Diffusion => new(
                new DegradationRemovalStage(pack, settings),
                new EncodingStage(pack, settings),
                new SamplingStage(pack, settings),
                new DecodingStage(pack, settings),
                new ColorFixStage(settings.ColorFix),
                new OutputSizeStage()
            ),
            Stage2.OneStep or Stage2.CleanedOneStep => OfOneStep(pack, settings, settings.OneStep),
            _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Stage2, message: null),
        };

    private static Pipeline OfOneStep(ModelPack pack, RestorationSettings settings, OneStepSettings step)
    {
        var isFitted = step.Fit is not null;
        return new Pipeline(
            new MergingStage(step),
            settings.Stage2 == Stage2.OneStep ? new EnlargingStage(settings, step) : new DegradationRemovalStage(pack, settings),
            new EncoderInputStage(pack),
            new EncodingStage(pack, settings),
            new OneStepStage(pack, settings, step),
            new DecodingStage(pack, settings),
            new ColorFixStage(settings.ColorFix, inBytes: isFitted),
            new OutputSizeStage(inBytes: isFitted)
        )
        {
            Note =
                $"The model {pack.Name} takes one step: options of sampling and of guidance change nothing{(pack.OneStep!.HasDial ? " but --guidance-scale" : "")}{(pack.OneStep.HasPrompt ? "" : ", and it knows no prompt")}.",
        };
    }

    /// <summary>The tiles of all stages.</summary>
    public TilePlan Plan(TilePlanner planner, RestorationSizes sizes) =>
        stages.Aggregate(TilePlan.None, (plan, stage) => stage.Plan(plan, planner, sizes));

    /// <summary>How much arithmetic the stages are.</summary>
    public RestorationWork Work(TilePlan plan, RestorationSizes sizes) =>
        new([
            .. stages.SelectMany(stage => stage.Kind is { } kind ? new[] { new StageWork(kind, stage.Flops(plan, sizes)) } : []),
        ]);

    /// <summary>Plans the stages and runs them, each with smaller tiles where memory does not suffice.</summary>
    /// <param name="run">The photo; it then has the results.</param>
    public void Run(RestorationRun run)
    {
        run.Plan = Plan(run.Networks.Planner, run.Sizes);
        run.Events.OnDecision?.Invoke(run.Plan.Describe());
        if (Note is { } note)
        {
            run.Events.OnDecision?.Invoke(note);
        }

        using var ahead = new LoadingAhead();
        var tiles = new MemoryBackoff(run.Plan, run.Events.OnDecision);
        foreach (var (index, stage) in stages.Index())
        {
            run.Cancellation.ThrowIfCancellationRequested();
            if (index + 1 < stages.Count && run.Networks.HasRoomToLoadAhead)
            {
                ahead.Begin(() => stages[index + 1].LoadAhead(run));
            }

            tiles.Run(
                stage.Part,
                plan =>
                {
                    run.Plan = plan;
                    stage.Run(run);
                }
            );
        }
    }
}

/// <summary>A part of a restoration: what it is called, how it is tiled, what it costs and how it runs.</summary>
/// <remarks>
/// Stages do not know each other. What one makes and a later one needs lies in the <see cref="RestorationRun"/>; their order is decided
/// in <see cref="Pipeline.Of"/> alone.
/// </remarks>
internal interface IStage
{
    /// <summary>What users are told is done; null: nothing, because it takes no time worth telling.</summary>
    RestorationStage? Kind { get; }

    /// <summary>What is cut into smaller tiles where the memory does not suffice; null: nothing, it has no tiles.</summary>
    TiledPart? Part => null;

    /// <summary>Adds the stage's own tiles to a plan.</summary>
    /// <param name="plan">The plan with the tiles of the stages before it.</param>
    /// <param name="planner">Chooses tiles that fit into memory.</param>
    /// <param name="sizes">The photo's sizes on its way.</param>
    TilePlan Plan(TilePlan plan, TilePlanner planner, RestorationSizes sizes) => plan;

    /// <summary>Floating-point operations, for the time that is left.</summary>
    /// <param name="plan">The tiles of all stages.</param>
    /// <param name="sizes">The photo's sizes on its way.</param>
    double Flops(TilePlan plan, RestorationSizes sizes) => 0;

    /// <summary>
    /// Loads the stage's networks, while the stage before it computes: most of loading is one thread's work. Called on another thread,
    /// or not at all; what fails fails again, and is told, when the stage runs.
    /// </summary>
    /// <param name="run">The photo and the plan; what the stage before makes is not there yet.</param>
    void LoadAhead(RestorationRun run) { }

    /// <summary>Does the work; called again with smaller tiles where memory did not suffice.</summary>
    /// <param name="run">The photo, what earlier stages made of it, and the plan.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    void Run(RestorationRun run);
}
