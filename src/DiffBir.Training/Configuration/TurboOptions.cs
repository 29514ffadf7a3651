using DiffBir.Networks;
using DiffBir.Packs;

namespace DiffBir.Training.Configuration;

/// <summary>Training of a generator that makes stage 1's image sharp in one evaluation, as a teacher would.</summary>
internal sealed record TurboOptions : TrainingOptions
{
    /// <summary>The generator, as a pack names it; it sees stage 1's image and keeps its size.</summary>
    public Stage1Source Network { get; init; } =
        new Stage1Source<RrdbNetConfig>
        {
            File = NetworkNames.Generator,
            Sizes = new RrdbNetConfig
            {
                Blocks = 6,
                Scale = 1,
                Unshuffle = 4,
            },
        };

    /// <summary>What the generator starts as; left out: new weights, with which it changes nothing.</summary>
    public StartWeights? StartFrom { get; init; }

    /// <summary>The frozen degradation removal.</summary>
    public required FrozenNetworkSource<Stage1Source> Stage1 { get; init; }

    /// <summary>The model to learn from; left out: the clean photos alone.</summary>
    public TeacherOptions? Teacher { get; init; }

    /// <summary>What learns against the generator; left out: nothing does.</summary>
    public AdversaryOptions? Adversary { get; init; }

    /// <summary>How samples are degraded. The teacher is shown those that lose pixels (<c>shrink</c> above 1).</summary>
    public IReadOnlyList<DegradationChoice> Degradations { get; init; } = [new DegradationChoice { Family = "codeformer" }];

    /// <summary>How much the error of differences between neighboring pixels counts beside the error of pixels.</summary>
    public double EdgeWeight { get; init; } = 1;

    /// <summary>How much the error of local contrast counts beside the error of pixels; 0: not at all.</summary>
    public double ContrastWeight { get; init; }

    /// <summary>
    /// How much more an image counts that comes out farther from the clean photo than the degraded one is, beside the error of pixels;
    /// 0: no more than the others.
    /// </summary>
    public double HarmWeight { get; init; }

    /// <summary>
    /// The pack whose diffusion does what more than one step are asked for: a folder with model.json, relative to the run's own folder;
    /// left out: none does.
    /// </summary>
    public string? Diffusion { get; init; }

    /// <summary>What the pack that the run describes uses where its user says nothing.</summary>
    public PackDefaults Defaults { get; init; } =
        new()
        {
            Steps = 1,
            Upscale = 2,
            GuidanceScale = 0.125,
        };

    private protected override IEnumerable<string> ValidationErrors()
    {
        var problems = base.ValidationErrors()
            .Concat(Network.ValidationErrors())
            .Concat(DegradationChoice.ValidationErrors(Degradations, Data))
            .Concat(Teacher?.ValidationErrors(Data.Crop) ?? [])
            .Concat(Adversary?.ValidationErrors(Data.Crop) ?? []);
        if (Network.Scale != 1)
        {
            problems = problems.Append($"network must keep the size of its image, got a scale of {Network.Scale}");
        }

        return EdgeWeight >= 0 && ContrastWeight >= 0 && HarmWeight >= 0
            ? problems
            : problems.Append(
                $"edgeWeight, contrastWeight and harmWeight must be 0 or more, got {EdgeWeight}, {ContrastWeight} and {HarmWeight}"
            );
    }
}

/// <summary>A trained network that enlarges, or a pack that restores, and what is taken of its images.</summary>
internal sealed record TeacherOptions
{
    /// <summary>A checkpoint that holds one network of stage 1, whose sizes its weights tell; relative to the run's own folder.</summary>
    public string? Path { get; init; }

    /// <summary>The pack to learn from instead.</summary>
    public TeacherPackOptions? Pack { get; init; }

    /// <summary>
    /// Side of the squares, in pixels, whose mean color is taken from the clean photo instead: teachers shift colors. It must divide
    /// the crop.
    /// </summary>
    public int TrueColors { get; init; } = 8;

    /// <summary>
    /// By how much an image of the teacher may be farther from the clean photo than the degraded one, in dB; where it is farther
    /// still, the clean photo is learned from instead.
    /// </summary>
    public double MaxLoss { get; init; } = 1;

    internal IEnumerable<string> ValidationErrors(int crop)
    {
        if (Path is null == Pack is null)
        {
            yield return "teacher must have either a path, of a network that enlarges, or a pack";
        }

        if (Pack?.Steps is < 1)
        {
            yield return $"teacher.pack.steps must be 1 or more, got {Pack.Steps}";
        }

        if (TrueColors < 1 || crop % TrueColors != 0)
        {
            yield return $"teacher.trueColors must be 1 or more and divide data.crop, got {TrueColors} and {crop}";
        }

        if (double.IsNaN(MaxLoss))
        {
            yield return "teacher.maxLoss must be a number";
        }
    }
}

/// <summary>A pack whose images another generator learns.</summary>
internal sealed record TeacherPackOptions
{
    /// <summary>Its name, or a folder with model.json, relative to the run's own folder.</summary>
    public required string Name { get; init; }

    /// <summary>Steps of its sampler; left out: what the pack uses.</summary>
    public int? Steps { get; init; }

    /// <summary>The folder of its files, relative to the run's own; left out: where packs' files are.</summary>
    public string? Weights { get; init; }
}
