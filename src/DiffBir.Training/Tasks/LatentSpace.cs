using DiffBir.Graphs;
using DiffBir.Networks.Autoencoder;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>The autoencoder as a pair of functions between images and latents; which weights it uses is up to the caller.</summary>
internal sealed class LatentSpace : IDisposable
{
    private const double MaxLogVariance = 20; // as in latent diffusion: beyond, e^x overflows
    private const double MinLogVariance = -30;

    private readonly GraphNetwork _encoder;
    private readonly GraphNetwork _decoder;
    private readonly AutoencoderConfig _sizes;

    /// <summary>Prepares the networks.</summary>
    /// <param name="sizes">The sizes.</param>
    /// <param name="device">Where they run.</param>
    /// <param name="product">The type in which convolutions and matrix products are computed.</param>
    public LatentSpace(AutoencoderConfig sizes, Device device, ScalarType product)
    {
        _sizes = sizes;
        _encoder = new GraphNetwork((batch, height, width) => Encoder.Build(sizes, batch, height, width, Scope), device, product);
        _decoder = new GraphNetwork((batch, height, width) => Decoder.Build(sizes, batch, height, width, Scope), device, product);
    }

    /// <summary>What the names of the weights begin with, as in Stable Diffusion's checkpoints.</summary>
    public static ParameterScope Scope => ParameterScope.Root / "first_stage_model";

    /// <summary>The two networks' graphs at a small size.</summary>
    public static Graph[] Graphs(AutoencoderConfig sizes) =>
        [Encoder.Build(sizes, 1, sizes.Reduction, sizes.Reduction, Scope), Decoder.Build(sizes, 1, 1, 1, Scope)];

    /// <summary>The posterior of images.</summary>
    /// <param name="image01">[B, 3, H, W] in [0, 1].</param>
    /// <param name="weights">The autoencoder's weights.</param>
    /// <returns>Mean and logarithm of the variance, [B, latent, h, w], not scaled.</returns>
    public (TorchTensor Mean, TorchTensor LogVariance) Encode(TorchTensor image01, ParameterSet weights)
    {
        var moments = _encoder.For(image01).Run(image01.Times(2).Plus(-1), weights.Tensors);
        var channels = _sizes.LatentChannels;
        return (moments.narrow(1, 0, channels), moments.narrow(1, channels, channels).Clamp(MinLogVariance, MaxLogVariance));
    }

    /// <summary>A latent drawn from the posterior, scaled.</summary>
    public TorchTensor Sample(TorchTensor image01, ParameterSet weights, StepRandom random)
    {
        var (mean, logVariance) = Encode(image01, weights);
        var noise = random.Normal("posterior", mean.ToShape());
        return mean.Plus(logVariance.Times(0.5).exp() * noise).Times(_sizes.ScaleFactor);
    }

    /// <summary>The posterior's mode, scaled.</summary>
    public TorchTensor Mode(TorchTensor image01, ParameterSet weights) => Encode(image01, weights).Mean.Times(_sizes.ScaleFactor);

    /// <summary>The image of a latent that is not scaled, about [0, 1].</summary>
    public TorchTensor Decode(TorchTensor z, ParameterSet weights) => _decoder.For(z).Run(z, weights.Tensors).Plus(1).Times(0.5);

    /// <summary>The image of a scaled latent, about [0, 1].</summary>
    public TorchTensor DecodeScaled(TorchTensor latent, ParameterSet weights) =>
        Decode(latent.Times(1 / _sizes.ScaleFactor), weights);

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
