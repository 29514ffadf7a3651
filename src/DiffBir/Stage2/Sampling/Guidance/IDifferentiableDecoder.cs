namespace DiffBir.Stage2.Sampling.Guidance;

/// <summary>A decoder from latents to images through which a gradient can be pulled back.</summary>
public interface IDifferentiableDecoder
{
    /// <summary>Decodes a latent.</summary>
    /// <param name="z0">[B,C,h,w].</param>
    /// <returns>The image [B,3,H,W] in [−1, 1], and the map from ∂loss/∂image to ∂loss/∂z0 at this latent.</returns>
    (Tensor ImagePm1, Func<Tensor, Tensor> PullBack) Decode(Tensor z0);
}
