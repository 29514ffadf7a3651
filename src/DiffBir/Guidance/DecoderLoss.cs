using DiffBir.Graphs;
using DiffBir.Networks.Autoencoder;

namespace DiffBir.Guidance;

/// <summary>How far a decoded latent is from an image, and which way the latent has to move.</summary>
internal static class DecoderLoss
{
    /// <summary>The squared distance of the decoded latent to an image, each pixel weighted, and its gradient.</summary>
    /// <param name="config">The sizes of the autoencoder.</param>
    /// <param name="batch">Latents at a time.</param>
    /// <param name="height">The latent's height.</param>
    /// <param name="width">The latent's width.</param>
    /// <param name="scope">Where the weights are.</param>
    /// <returns>
    /// Inputs <c>z0</c> [B, C, h, w], scaled; <c>target</c> [B, 3, H, W] in [−1, 1]; <c>weights</c> [B, 1, H, W]. Outputs
    /// <c>loss</c> [B, 1, 1, 1], the mean over each image of weights ⊙ (decoded − target)², and <c>gradient</c>, ∂loss/∂z0.
    /// </returns>
    public static Graph Build(AutoencoderConfig config, int batch, int height, int width, ParameterScope scope)
    {
        var g = new GraphBuilder("VAE decoder's gradient");
        var z0 = g.Input("z0", [batch, config.LatentChannels, height, width]);
        var image = Decoder.Append(g.At(scope, config), g.Affine(z0, 1 / config.ScaleFactor));
        var target = g.Input("target", image.Shape);
        var weights = g.Input("weights", image.Shape.With(1, 1));

        var difference = g.Sub(image, target);
        var weighted = g.Mul(difference, weights);
        var mean = 1.0 * batch / image.Shape.Elements;
        var loss = g.Affine(g.Sum(g.Mul(weighted, difference), 1, 2, 3), mean);
        var gradient = Gradient.Append(g, image, g.Affine(weighted, 2 * mean), z0)[0];
        return g.Build(("loss", loss), ("gradient", gradient));
    }
}
