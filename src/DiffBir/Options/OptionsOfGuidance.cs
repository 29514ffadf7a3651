using DiffBir.Guidance;

namespace DiffBir.Options;

/// <summary>How the picture is kept near the cleaned photo.</summary>
internal static class OptionsOfGuidance
{
    public static RestorationOption[] All() =>
        [
            Knob.Guidance(
                "guidance",
                OptionGroup.Guidance,
                new ChoiceFormat<GuidanceLossKind>(("w-mse", GuidanceLossKind.WeightedMse), ("mse", GuidanceLossKind.Mse)),
                guidance => guidance.Loss,
                (guidance, value) => guidance with { Loss = value },
                "How closeness to the cleaned photo is measured: w-mse (flat regions count more) or mse (all alike)."
            ),
            Knob.Guidance(
                "guidance-space",
                OptionGroup.Guidance,
                new ChoiceFormat<GuidanceSpace>(("rgb", GuidanceSpace.Rgb), ("latent", GuidanceSpace.Latent)),
                guidance => guidance.Space,
                (guidance, value) => guidance with { Space = value },
                "Where closeness is measured: latent (fast) or rgb (exact, slow)."
            ),
            Knob.Guidance(
                "guidance-start",
                OptionGroup.Guidance,
                new NumberFormat<int>(),
                guidance => guidance.Start,
                (guidance, value) => guidance with { Start = value },
                "Guidance acts below this timestep."
            ),
            Knob.Guidance(
                "guidance-stop",
                OptionGroup.Guidance,
                new NumberFormat<int>(),
                guidance => guidance.Stop,
                (guidance, value) => guidance with { Stop = value },
                "Guidance acts above this timestep."
            ),
            Knob.Guidance(
                "guidance-repeat",
                OptionGroup.Guidance,
                new NumberFormat<int>(1, 100),
                guidance => guidance.Repeat,
                (guidance, value) => guidance with { Repeat = value },
                "Gradient steps at each sampling step."
            ),
        ];
}
