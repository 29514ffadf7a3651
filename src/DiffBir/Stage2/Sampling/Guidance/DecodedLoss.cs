namespace DiffBir.Stage2.Sampling.Guidance;

/// <summary>A loss on the decoded image instead of the latent.</summary>
/// <param name="decoder">From latents to images in [−1, 1].</param>
/// <param name="imageLoss">The loss on the image.</param>
public sealed class DecodedLoss(IDifferentiableDecoder decoder, IGuidanceLoss imageLoss)
    : IGuidanceLoss
{
    /// <inheritdoc/>
    public GuidanceGradient Evaluate(Tensor z0)
    {
        var (image, pullBack) = decoder.Decode(z0);
        var (loss, gradient) = imageLoss.Evaluate(image);
        var pulledBack = pullBack(gradient);
        pulledBack.Require("the gradient of the latent", z0.Shape);
        return new GuidanceGradient(loss, pulledBack);
    }
}
