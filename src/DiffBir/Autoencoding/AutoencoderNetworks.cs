using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Autoencoding;

/// <summary>What every way to encode and decode has in common: the sizes, the weights, and the ranges of values.</summary>
/// <param name="config">The sizes.</param>
/// <param name="weights">Where the weights lie; asked at the first load.</param>
/// <param name="engine">Where and how the networks run.</param>
internal sealed class AutoencoderNetworks(AutoencoderConfig config, Func<Weights> weights, EngineOptions engine)
{
    private readonly Lazy<Weights> _weights = new(weights);

    public AutoencoderConfig Config => config;

    /// <summary>A network that is loaded when it is needed.</summary>
    public SizedNetwork Sized(Func<int, int, Graph> build) => new(build, () => _weights.Value, engine);

    /// <summary>Loads a network that uses the autoencoder's weights.</summary>
    public NetworkSession Load(Graph graph) => NetworkSession.Create(graph, _weights.Value, engine);

    /// <summary>An upper estimate of what a network needs where it runs, in bytes.</summary>
    public long MemoryOf(Graph graph) => NetworkMemory.Of(graph, engine);

    /// <summary>Throws unless an image of this size can be encoded.</summary>
    public void ValidateSize(int height, int width)
    {
        if (height < 1 || width < 1 || height % config.Reduction != 0 || width % config.Reduction != 0)
        {
            throw new ShapeException(
                $"An image of {width}x{height} cannot be encoded. Pad it to multiples of {config.Reduction}."
            );
        }
    }

    /// <summary>A box of an image in [0,1] as the encoder takes it: in [−1,1], black where the image ends.</summary>
    public static Tensor ReadPm1(PlanarImage image01, Region box)
    {
        var image = TiledPlanes.ReadPadded(image01, new(box.Rows.Start, box.Columns.Start, box.Rows.Length, box.Columns.Length));
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = (image.Data[index] * 2) - 1;
        }

        return image;
    }

    /// <summary>Takes the decoder's range, about [−1,1], to that of images, in place.</summary>
    public static Tensor To01(Tensor imagePm1)
    {
        for (var index = 0; index < imagePm1.Length; index++)
        {
            imagePm1.Data[index] = (imagePm1.Data[index] + 1) / 2;
        }

        return imagePm1;
    }

    /// <summary>Writes a box of the decoder's result, about [−1,1], to an image in [0,1]; what lies beyond the image is cut off.</summary>
    public static void Write01(PlanarImage image01, int top, int left, Tensor imagePm1)
    {
        var height = Math.Min(imagePm1.Size(2), image01.Height - top);
        var width = Math.Min(imagePm1.Size(3), image01.Width - left);
        if (height > 0 && width > 0)
        {
            image01.WriteBox(top, left, Framing.Crop(To01(imagePm1), new(0, 0, height, width)));
        }
    }

    /// <summary>A latent as the decoder takes it: without its scale.</summary>
    /// <exception cref="ShapeException">It is no latent of this autoencoder.</exception>
    public Latent Unscale(Latent latent)
    {
        latent.Validate("latent", 1, config.LatentChannels, -1, -1);
        return LatentMath.Divide(latent, config.ScaleFactor);
    }
}

/// <summary>Rectangles of tensors.</summary>
internal static class TensorRegions
{
    /// <summary>A copy of a rectangle of every plane of [B,C,H,W].</summary>
    public static Tensor Crop(this Tensor x, Region box) =>
        Framing.Crop(x, new(box.Rows.Start, box.Columns.Start, box.Rows.Length, box.Columns.Length));
}
