using System.Text.Json.Serialization;
using DiffBir.Graphs;
using DiffBir.Stage1;
using DiffBir.Training.Execution;

namespace DiffBir.Training.Configuration;

/// <summary>Training of the degradation removal.</summary>
public sealed record Stage1Options : TrainingOptions
{
    /// <summary>The network.</summary>
    public Stage1Network Network { get; init; } = new SwinIrStage1();

    /// <summary>How samples are degraded.</summary>
    public IReadOnlyList<DegradationChoice> Degradations { get; init; } =
    [new DegradationChoice { Family = DegradationKind.CodeFormer }];

    /// <summary>What is made small.</summary>
    public PixelLoss Loss { get; init; } = PixelLoss.Mse;

    private protected override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
        {
            yield return problem;
        }

        if (Degradations.Count == 0)
        {
            yield return "degradations must name at least one family";
        }

        if (Degradations.Any(choice => !(choice.Weight > 0)))
        {
            yield return "degradations must have weights greater than 0";
        }

        if (Data.Crop % Network.SizeMultiple != 0)
        {
            yield return $"data.crop is {Data.Crop}, but the network needs multiples of {Network.SizeMultiple}";
        }
    }
}

/// <summary>How far an image is from its original.</summary>
public enum PixelLoss
{
    /// <summary>Mean squared error: the most signal-to-noise ratio.</summary>
    Mse,

    /// <summary>Mean absolute error.</summary>
    L1,
}

/// <summary>A degradation removal network by its kind. A closed family.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SwinIrStage1), "swinir")]
[JsonDerivedType(typeof(ScuNetStage1), "scunet")]
public abstract record Stage1Network
{
    private protected Stage1Network() { }

    internal abstract int SizeMultiple { get; }

    internal abstract Initialisation Initialisation { get; }

    internal abstract Graph Build(int batch, int height, int width);
}

/// <summary>SwinIR.</summary>
public sealed record SwinIrStage1 : Stage1Network
{
    /// <summary>The sizes.</summary>
    public SwinIrConfig Config { get; init; } = new();

    internal override int SizeMultiple => Config.SizeMultiple;

    internal override Initialisation Initialisation =>
        Config.Upsampler == SwinIrUpsampler.PixelShuffle
            ? Initialisation.SwinIRAsIdentity
            : Initialisation.SwinIR;

    internal override Graph Build(int batch, int height, int width) =>
        SwinIr.Build(Config, batch, height, width);
}

/// <summary>SCUNet.</summary>
public sealed record ScuNetStage1 : Stage1Network
{
    /// <summary>The sizes.</summary>
    public ScuNetConfig Config { get; init; } = new();

    internal override int SizeMultiple => 8 * Config.Window;

    internal override Initialisation Initialisation => Initialisation.Default;

    internal override Graph Build(int batch, int height, int width) =>
        ScuNet.Build(Config, batch, height, width);
}
