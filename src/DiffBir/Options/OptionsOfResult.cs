using DiffBir.Packs;

namespace DiffBir.Options;

/// <summary>What everybody may want to change.</summary>
internal static class OptionsOfResult
{
    public static RestorationOption[] All() =>
        [
            Knob.Of(
                "task",
                OptionGroup.Result,
                new ChoiceFormat<RestorationTask>(
                    ("sr", RestorationTask.Sr),
                    ("denoise", RestorationTask.Denoise),
                    ("face", RestorationTask.Face)
                ),
                options => options.Task,
                (options, value) => options with { Task = value },
                "What the picture suffers from: sr (too small or badly compressed), denoise, or face (an aligned face)."
            ),
            Knob.Of(
                "upscale",
                OptionGroup.Result,
                new NumberFormat<double>(0.1, 64),
                options => options.Upscale,
                (options, value) => options with { Upscale = value },
                "The size of the output as a multiple of the input's.",
                $"{Knob.OfTheModel}, usually 4"
            ),
            Knob.Guidance(
                "guidance-scale",
                OptionGroup.Result,
                new NumberFormat<double>(0, 1000),
                guidance => guidance.Scale,
                (guidance, value) => guidance with { Scale = value },
                "The dial between realism (0) and fidelity (0.1 and more).",
                $"{Knob.OfTheModel}, usually 0"
            ),
            Knob.Of(
                "stage1-only",
                OptionGroup.Result,
                new FlagFormat(),
                options => options.Stage1Only,
                (options, value) => options with { Stage1Only = value },
                "Only remove noise, blur and artifacts; invent no detail. Fast and faithful."
            ),
            Knob.Sampling(
                "steps",
                OptionGroup.Result,
                new NumberFormat<int>(1, 1000),
                sampling => sampling.Steps,
                (sampling, value) => sampling with { Steps = value },
                "More steps take longer and usually look better.",
                Knob.OfTheModel
            ),
            Knob.Sampling(
                "prompt",
                OptionGroup.Result,
                new TextFormat(),
                sampling => sampling.Prompt,
                (sampling, value) => sampling with { Prompt = value },
                "What the picture should look like.",
                Knob.OfTheModel
            ),
            Knob.Sampling(
                "negative-prompt",
                OptionGroup.Result,
                new TextFormat(),
                sampling => sampling.NegativePrompt,
                (sampling, value) => sampling with { NegativePrompt = value },
                "What the picture should not look like.",
                Knob.OfTheModel
            ),
            Knob.Of(
                "seed",
                OptionGroup.Result,
                new NumberFormat<long>(),
                options => options.Seed,
                (options, value) => options with { Seed = value },
                "The same seed gives the same result. Each photo starts with it anew."
            ),
            Knob.Of(
                "samples",
                OptionGroup.Result,
                new NumberFormat<int>(1, 1000),
                options => options.Samples,
                (options, value) => options with { Samples = value },
                "How many different restorations of each photo to make."
            ),
        ];
}
