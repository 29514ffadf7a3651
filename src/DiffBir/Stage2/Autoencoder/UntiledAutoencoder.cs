using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Stage2.Autoencoder;

/// <summary>Encodes and decodes whole images at once.</summary>
internal sealed class UntiledAutoencoder : IAutoencoder
{
    /// <summary>Where Stable Diffusion's checkpoints keep the autoencoder.</summary>
    public static ParameterScope Scope => ParameterScope.Root / "first_stage_model";

    private readonly AutoencoderConfig _config;
    private readonly SizedNetwork _encoder;
    private readonly SizedNetwork _decoder;

    public UntiledAutoencoder(
        NetworkSource<AutoencoderConfig> source,
        PackFiles files,
        EngineOptions options
    )
    {
        _config = source.Sizes;
        _encoder = new SizedNetwork(
            (height, width) => Encoder.Build(_config, 1, height, width, Scope),
            Weights,
            options
        );
        _decoder = new SizedNetwork(
            (height, width) => Decoder.Build(_config, 1, height, width, Scope),
            Weights,
            options
        );

        Weights Weights() =>
            new Weights().Bind($"{Scope.Path}.", files.Open(source.File), source.Prefix);
    }

    /// <inheritdoc/>
    public LatentPosterior Encode(
        PlanarImage image01,
        int height,
        int width,
        CancellationToken cancellation
    )
    {
        var image = TiledPlanes.ReadPadded(image01, 0, 0, height, width);
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = image.Data[index] * 2 - 1;
        }

        var moments = _encoder.Run(height, width, cancellation, ("image", image))["moments"];
        return LatentPosterior.Of(moments, _config.ScaleFactor);
    }

    /// <inheritdoc/>
    public void Decode(Tensor latent, PlanarImage image01, CancellationToken cancellation)
    {
        latent.Require("latent", 1, _config.LatentChannels, -1, -1);
        var z = new Tensor(latent.Shape);
        for (var index = 0; index < z.Length; index++)
        {
            z.Data[index] = latent.Data[index] / (float)_config.ScaleFactor;
        }

        var image = _decoder.Run(z.Size(2), z.Size(3), cancellation, ("z", z))["image"];
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = (image.Data[index] + 1) / 2;
        }

        var (height, width) = (
            Math.Min(image.Size(2), image01.Height),
            Math.Min(image.Size(3), image01.Width)
        );
        image01.WriteBox(0, 0, Framing.Crop(image, 0, 0, height, width));
    }

    /// <inheritdoc/>
    public void Unload()
    {
        _encoder.Unload();
        _decoder.Unload();
    }

    /// <inheritdoc/>
    public void Dispose() => Unload();
}
