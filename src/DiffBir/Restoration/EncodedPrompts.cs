using DiffBir.Planning;

namespace DiffBir.Restoration;

/// <summary>Prompts as the denoiser takes them.</summary>
/// <param name="Positive">What the image is to show [1, tokens, features].</param>
/// <param name="Negative">What it is not to show [1, tokens, features]; null without classifier-free guidance.</param>
/// <param name="AreForTiles">Whether they are for a denoiser that sees one tile at a time.</param>
internal sealed record EncodedPrompts(Tensor Positive, Tensor? Negative, bool AreForTiles)
{
    /// <summary>Chooses and encodes the prompts of a photo.</summary>
    /// <param name="run">The photo.</param>
    /// <param name="height">The latent's rows.</param>
    /// <param name="width">The latent's columns.</param>
    public static EncodedPrompts Of(RestorationRun run, int height, int width)
    {
        var settings = run.Networks.Settings;
        var isTiled = IsTiled(run, height, width);
        var prompts = Prompts.Choose(settings, isTiled, run.Events.OnDecision);
        using var encoder = run.Networks.Prompts();
        var positive = encoder.Network.Encode(prompts.Positive, run.Cancellation);
        var usesNegative = settings.Sampling.CfgShare(run.Networks.Pack.Schedule.Timesteps) > 0;
        var negative = usesNegative ? encoder.Network.Encode(prompts.Negative, run.Cancellation) : null;
        return new EncodedPrompts(positive, negative, isTiled);
    }

    /// <summary>Whether the denoiser sees a latent tile by tile; a tile as large as the latent is the latent.</summary>
    public static bool IsTiled(RestorationRun run, int height, int width) =>
        run.Plan[TiledPart.Denoiser] is { } tile
        && Math.Max(height, width) > tile.Side / run.Networks.Pack.AutoencoderSource.Sizes.Reduction;
}
