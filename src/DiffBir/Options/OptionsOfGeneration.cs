using DiffBir.Sampling;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Options;

/// <summary>How the picture is generated.</summary>
internal static class OptionsOfGeneration
{
    public static RestorationOption[] All() =>
        [
            new RestorationOption<string>(
                "sampler",
                OptionGroup.Generation,
                new ChoiceFormat<string>([.. SamplerNames.All.Select(name => (name, name))]),
                request => request.Sampler,
                (request, value) => request with { Sampler = value },
                $"The way from noise to picture: {string.Join(", ", SamplerNames.All)}."
            )
            {
                Otherwise = Knob.OfTheModel,
            },
            Knob.Sampling(
                "cfg-scale",
                OptionGroup.Generation,
                new NumberFormat<double>(),
                sampling => sampling.CfgScale,
                (sampling, value) => sampling with { CfgScale = value },
                "How strongly to follow the prompt and avoid the negative prompt; 1 is off and twice as fast.",
                Knob.OfTheModel
            ),
            Knob.Sampling(
                "cfg-rescale",
                OptionGroup.Generation,
                new FlagFormat(),
                sampling => sampling.CfgRescale,
                (sampling, value) => sampling with { CfgRescale = value },
                "Let the cfg scale begin near 1 and grow."
            ),
            Knob.Sampling(
                "strength",
                OptionGroup.Generation,
                new NumberFormat<double>(0, 10),
                sampling => sampling.Strength,
                (sampling, value) => sampling with { Strength = value },
                "How strongly the cleaned photo steers the invention of detail; below 1 is more creative."
            ),
            Knob.Sampling(
                "start",
                OptionGroup.Generation,
                new ChoiceFormat<StartPoint>(
                    ("noise", StartPoint.Noise),
                    ("condition", StartPoint.Condition),
                    ("low-frequencies", StartPoint.LowFrequencies)
                ),
                sampling => sampling.Start,
                (sampling, value) => sampling with { Start = value },
                "What generation starts from: noise, condition (steadier, less detail), or low-frequencies (as DiffBIR v2.0.0's better start).",
                Knob.OfTheModel
            ),
            Knob.Sampling(
                "noise-aug",
                OptionGroup.Generation,
                new NumberFormat<int>(0, 999),
                sampling => sampling.NoiseAugmentation,
                (sampling, value) => sampling with { NoiseAugmentation = value },
                "Noise added to what steers the generator, 0 to 999; more is more creative."
            ),
            Knob.Of(
                "batch-size",
                OptionGroup.Generation,
                new NumberFormat<int>(1),
                options => options.BatchSize,
                (options, value) => options with { BatchSize = value },
                "How many samples draw their random numbers together.",
                "all"
            ),
            .. OfSamplers(),
        ];

    private static RestorationOption[] OfSamplers()
    {
        var ancestral = SamplerNames.With<EdmAncestralSampler>();
        var churn = SamplerNames.With<EdmChurnSampler>();
        var share = new NumberFormat<double>(0);
        return
        [
            Knob.OfSampler<double>(
                "eta",
                share,
                parameters => parameters.Eta,
                (parameters, value) => parameters with { Eta = value },
                "The share of new noise in each step, for samplers that have it.",
                ancestral
            ),
            Knob.OfSampler<double>(
                "s-churn",
                share,
                parameters => parameters.SChurn,
                (parameters, value) => parameters with { SChurn = value },
                "Noise added on the way, for samplers that have it.",
                churn
            ),
            Knob.OfSampler<double>(
                "s-tmin",
                share,
                parameters => parameters.STMin,
                (parameters, value) => parameters with { STMin = value },
                "The lowest noise level for churn.",
                churn
            ),
            Knob.OfSampler<double>(
                "s-tmax",
                share,
                parameters => parameters.STMax,
                (parameters, value) => parameters with { STMax = value },
                "The highest noise level for churn.",
                churn
            ),
            Knob.OfSampler<double>(
                "s-noise",
                share,
                parameters => parameters.SNoise,
                (parameters, value) => parameters with { SNoise = value },
                "The factor of added noise, for samplers that have it.",
                [.. churn, .. ancestral]
            ),
            Knob.OfSampler<int>(
                "order",
                new NumberFormat<int>(1, EdmLms.HighestOrder),
                parameters => parameters.Order,
                (parameters, value) => parameters with { Order = value },
                "The order of edm_lms.",
                SamplerNames.With<EdmLms>()
            ),
        ];
    }
}
