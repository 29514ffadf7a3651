using DiffBir.Options;

namespace DiffBir.Restoration;

/// <summary>What the generator is to show, and what not.</summary>
/// <param name="Positive">The prompt.</param>
/// <param name="Negative">The negative prompt.</param>
internal sealed record Prompts(string Positive, string Negative)
{
    /// <summary>Chooses the prompts of an image.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="isTiled">Whether the denoiser sees one tile at a time.</param>
    /// <param name="onDecision">Told in one sentence if the prompt is another than that of a whole image.</param>
    public static Prompts Choose(RestorationSettings settings, bool isTiled, Action<string>? onDecision)
    {
        var (sampling, positive) = (settings.Sampling, settings.Sampling.Prompt);
        // Differs from the reference: what a prompt names would appear in every tile (docs/quirks.md#prompts-of-tiles).
        if (isTiled && settings.Tiling.Prompt == TilePrompt.Quality && positive != sampling.TilePrompt)
        {
            positive = sampling.TilePrompt;
            onDecision?.Invoke(
                $"The generator sees one tile at a time, so the prompt of each is \"{positive}\": what yours names would appear in every tile (--tile-prompt whole)."
            );
        }

        return new Prompts(positive, sampling.NegativePrompt);
    }
}
