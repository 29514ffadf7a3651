using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Restoration;

/// <summary>What the generator is to show, and what not.</summary>
/// <param name="Positive">The prompt.</param>
/// <param name="Negative">The negative prompt.</param>
internal sealed record Prompts(string Positive, string Negative)
{
    /// <summary>Chooses the prompts of an image.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="defaults">What the pack proposes.</param>
    /// <param name="isTiled">Whether the denoiser sees one tile at a time.</param>
    /// <param name="onDecision">Told in one sentence if the prompt is another than that of a whole image.</param>
    public static Prompts Choose(RestorationOptions options, PackDefaults defaults, bool isTiled, Action<string>? onDecision)
    {
        var positive = options.Sampling.Prompt ?? defaults.Prompt;
        var negative = options.Sampling.NegativePrompt ?? defaults.NegativePrompt;
        // Differs from the reference: what a prompt names would appear in every tile (docs/quirks.md#prompts-of-tiles).
        if (isTiled && options.Tiling.Prompt == TilePrompt.Quality && positive != defaults.TilePrompt)
        {
            positive = defaults.TilePrompt;
            onDecision?.Invoke(
                $"The generator sees one tile at a time, so the prompt of each is \"{positive}\": what yours names would appear in every tile (--tile-prompt whole)."
            );
        }

        return new Prompts(positive, negative);
    }
}
