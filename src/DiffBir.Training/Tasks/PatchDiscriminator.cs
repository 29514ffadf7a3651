using DiffBir.Graphs;
using DiffBir.Training.Execution;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace DiffBir.Training.Tasks;

/// <summary>
/// Tells generated images from photos by themselves and by what they add to stage 1's image, patch by patch (Isola et al., PatchGAN,
/// 2017), with spectrally normalized weights (Miyato et al., 2018), so that a small change of an image never changes its logits much.
/// </summary>
/// <remarks>
/// Every convolution has multiples of 16 channels, in and out: with 1 or 3 channels the gradient of its input was now and then NaN
/// (libtorch 2.10, in 32 bits as in bfloat16).
/// </remarks>
internal sealed class PatchDiscriminator : IDisposable
{
    private const double DetailGain = 8; // what is added to stage 1's image, a few hundredths, becomes as strong as the image
    private const int Votes = 16; // of each patch
    private const double Slope = 0.2;
    private const string Logits = "logits";
    private const int PowerIterations = 24;

    private readonly GraphNetwork _network;

    /// <summary>Starts with new weights.</summary>
    /// <param name="channels">Channels at a quarter of the size; twice as many behind the first layer.</param>
    /// <param name="seed">What the weights depend on.</param>
    /// <param name="crop">Side of the images it sees, in pixels.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="product">The type in which convolutions are computed.</param>
    public PatchDiscriminator(int channels, long seed, int crop, Device device, ScalarType product)
    {
        _network = new GraphNetwork((batch, height, width) => Build(channels, batch, height, width), device, product);
        Weights = ParameterSet.Create(Initialization.Default, seed, device, Build(channels, 1, crop, crop)).RequireGradients();
    }

    /// <summary>The weights, before they are normalized.</summary>
    public ParameterSet Weights { get; }

    /// <summary>
    /// The normalized weights, for all images of a step; the first and the last layer keep their strength, as in Real-ESRGAN's
    /// discriminator.
    /// </summary>
    public IReadOnlyDictionary<string, TorchTensor> Normalized() =>
        Weights.Tensors.ToDictionary(
            pair => pair.Key,
            pair => pair.Key is "conv1.weight" or "conv2.weight" ? pair.Value / SpectralNorm(pair.Value) : pair.Value
        );

    /// <summary>Weights that stay as they are whatever the loss.</summary>
    public static IReadOnlyDictionary<string, TorchTensor> Frozen(IReadOnlyDictionary<string, TorchTensor> weights) =>
        weights.ToDictionary(pair => pair.Key, pair => pair.Value.detach());

    /// <summary>What it makes of images.</summary>
    /// <param name="images">Photos or generated images, [B, 3, H, W] in [0, 1].</param>
    /// <param name="clean">The images of stage 1 that they belong to.</param>
    /// <param name="weights">Of <see cref="Normalized"/>, or those <see cref="Frozen"/>.</param>
    public DiscriminatorOutput Run(TorchTensor images, TorchTensor clean, IReadOnlyDictionary<string, TorchTensor> weights)
    {
        var inputs = new Dictionary<string, TorchTensor> { ["image"] = images, ["clean"] = clean };
        var outputs = _network.For(images).Run(inputs, weights);
        return new DiscriminatorOutput(
            outputs[Logits],
            [.. outputs.Where(output => output.Key != Logits).Select(output => output.Value)]
        );
    }

    /// <summary>The cross-entropy of the logits; 0.69 where they are 0.</summary>
    public static TorchTensor Loss(DiscriminatorOutput output, bool isPhoto)
    {
        var truth = isPhoto ? ones_like(output.Logits) : zeros_like(output.Logits);
        return F.binary_cross_entropy_with_logits(output.Logits, truth);
    }

    /// <summary>How different two images look to the network: the mean over its layers, of which the last image's are constants.</summary>
    public static TorchTensor FeatureLoss(DiscriminatorOutput output, DiscriminatorOutput wanted)
    {
        var layers = output.Features.Zip(wanted.Features, (x, y) => x.Minus(y.detach()).abs().mean());
        return stack(layers).mean();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        Weights.Dispose();
    }

    /// <summary>The largest singular value of a convolution's weight [out, in, k, k], as a matrix of out rows.</summary>
    /// <remarks>
    /// By power iteration from a fixed start at every step: nothing to save. Its vectors count as constants in the gradient.
    /// </remarks>
    internal static TorchTensor SpectralNorm(TorchTensor weight)
    {
        var matrix = weight.reshape(weight.shape[0], -1);
        TorchTensor rows;
        TorchTensor columns;
        using (no_grad())
        {
            rows = ones_like(matrix.narrow(1, 0, 1)); // (out, 1)
            columns = Unit((matrix * rows).sum(0, keepdim: true)); // (1, in·k·k)
            for (var iteration = 0; iteration < PowerIterations; iteration++)
            {
                rows = Unit((matrix * columns).sum(1, keepdim: true));
                columns = Unit((matrix * rows).sum(0, keepdim: true));
            }
        }

        return (matrix * rows * columns).sum();
    }

    private static TorchTensor Unit(TorchTensor vector) => vector / vector.Squared().sum().Plus(1e-12).sqrt();

    private static Graph Build(int channels, int batch, int height, int width)
    {
        var g = new GraphBuilder("PatchDiscriminator");
        var s = g.At(ParameterScope.Root, channels);
        var image = g.Input("image", [batch, 3, height, width]);
        var added = g.Sub(image, g.Input("clean", [batch, 3, height, width]));
        var h = g.PixelUnshuffle(g.Concat(1, g.Affine(image, 2, -1), g.Affine(added, DetailGain)), 4);
        h = g.LeakyRelu(s["conv0"].Conv3x3(h, channels), Slope);
        var fine = h;
        h = g.LeakyRelu(s["conv1"].Conv3x3(h, 2 * channels), Slope);
        var middle = h;
        h = g.LeakyRelu(s["conv2"].Conv3x3(g.PixelUnshuffle(h, 2), 2 * channels), Slope);
        return g.Build(("fine", fine), ("middle", middle), ("coarse", h), (Logits, s["last"].Conv3x3(h, Votes)));
    }
}

/// <summary>What a discriminator makes of images.</summary>
/// <param name="Logits">Above 0 where a patch is taken for a photo's.</param>
/// <param name="Features">What its layers see, finest first.</param>
internal sealed record DiscriminatorOutput(TorchTensor Logits, IReadOnlyList<TorchTensor> Features);
