namespace DiffBir.Degradation;

/// <summary>A family that commands and training know by its name, with the part of its ranges that belongs to a severity.</summary>
/// <param name="Name">Its name on command lines and in configurations, in lower case.</param>
/// <param name="Summary">What it does to a photo, in a few words.</param>
/// <param name="Whole">Its whole range.</param>
/// <param name="Part">The part of a severity.</param>
internal sealed record DegradationPreset(
    string Name,
    string Summary,
    DegradationFamily Whole,
    Func<Severity, DegradationFamily> Part
)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DegradationPreset> All { get; } = [CodeFormerDegradation.Preset, RealEsrganDegradation.Preset];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => All.Select(preset => preset.Name);

    /// <summary>The one of a name, in any case; null where there is none.</summary>
    public static DegradationPreset? Find(string name) =>
        All.FirstOrDefault(preset => preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The ranges of a severity; null: the whole range.</summary>
    public DegradationFamily For(Severity? severity) => severity is { } part ? Part(part) : Whole;
}
