using DiffBir.Degradation;
using DiffBir.Options;

namespace DiffBir.Cli.Trials;

/// <summary>What a model is tried on and how.</summary>
/// <param name="Groups">The ways in which photos are made bad.</param>
/// <param name="Methods">The ways in which they are restored.</param>
/// <param name="Seed">With a photo's name it decides how the photo is made bad, as for <c>diffbir degrade</c>.</param>
internal sealed record TrialPlan(IReadOnlyList<TrialGroup> Groups, IReadOnlyList<TrialMethod> Methods, long Seed);

/// <summary>One way in which photos are made bad.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Family">The ranges.</param>
internal sealed record TrialGroup(string Name, Severity Severity, DegradationFamily Family)
{
    /// <summary>Every family with presets in every severity; the good photos stay as they are.</summary>
    /// <param name="scale">How many times smaller the bad photos are.</param>
    public static IReadOnlyList<TrialGroup> All(double scale) =>
        [
            .. from preset in DegradationPreset.All
            from severity in Enum.GetValues<Severity>()
            let family = preset.Part(severity)
            let ranges = family.WithCleanSharpened(sharpen: false) ?? family
            select new TrialGroup(
                $"{preset.Name} {severity.ToString().ToLowerInvariant()}",
                severity,
                ranges with
                {
                    Shrink = scale,
                }
            ),
        ];
}

/// <summary>One way in which photos are restored.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Options">The restoration's options.</param>
internal sealed record TrialMethod(string Name, RestorationOptions Options)
{
    /// <summary>What tables call the bad photo itself, enlarged by bicubic interpolation where it is smaller.</summary>
    public const string Bicubic = "bicubic";

    /// <summary>What tables call the good photo.</summary>
    public const string Clean = "clean photo";

    /// <summary>What tables call stage 1 alone.</summary>
    public const string Stage1 = "stage 1";
}
