using DiffBir.Graphs;
using DiffBir.Guidance;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>How much arithmetic the parts of a restoration are: what time will be spent on, before any of it is.</summary>
/// <remarks>An estimate: the prompts' encoder is left out, and samplers that predict twice in a step count once.</remarks>
/// <param name="RemovingDegradation">Floating-point operations of stage 1.</param>
/// <param name="Encoding">Floating-point operations of the autoencoder's encoder.</param>
/// <param name="Sampling">Floating-point operations of all steps together.</param>
/// <param name="Decoding">Floating-point operations of the autoencoder's decoder, for all samples.</param>
public sealed record RestorationWork(double RemovingDegradation, double Encoding, double Sampling, double Decoding)
{
    /// <summary>The whole.</summary>
    public double Total => RemovingDegradation + Encoding + Sampling + Decoding;

    /// <summary>The operations of a part.</summary>
    public double Of(RestorationStage stage) =>
        stage switch
        {
            RestorationStage.RemovingDegradation => RemovingDegradation,
            RestorationStage.Encoding => Encoding,
            RestorationStage.Sampling => Sampling,
            RestorationStage.Decoding => Decoding,
            _ => 0,
        };

    /// <summary>The work of a restoration.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="options">The knobs.</param>
    /// <param name="plan">How the parts are cut.</param>
    /// <param name="stage1">The size of stage 1's input.</param>
    /// <param name="clean">The size of the clean image.</param>
    /// <param name="guidesInPixels">Whether guidance runs the decoder and its gradient.</param>
    internal static RestorationWork Of(
        ModelPack pack,
        RestorationOptions options,
        TilePlan plan,
        (int Height, int Width) stage1,
        (int Height, int Width) clean,
        bool guidesInPixels
    )
    {
        var removal = Flops(
            plan.Stage1,
            stage1.Height,
            stage1.Width,
            (height, width) => pack.Tasks[options.Task].Stage1.Build(1, height, width)
        );
        if (options.Stage1Only || pack.UNet is null)
        {
            return new RestorationWork(removal, 0, 0, 0);
        }

        var (sizes, reduction) = (pack.AutoencoderSource.Sizes, pack.AutoencoderSource.Sizes.Reduction);
        var (latentHeight, latentWidth) = (clean.Height / reduction, clean.Width / reduction);
        var encoding = Flops(
            plan.Encoder,
            clean.Height,
            clean.Width,
            (height, width) => Encoder.Build(sizes, 1, height, width, ParameterScope.Root)
        );
        // Tiles of the decoder are in pixels.
        var decoding = Flops(
            plan.Decoder,
            clean.Height,
            clean.Width,
            (height, width) => Decoder.Build(sizes, 1, height / reduction, width / reduction, ParameterScope.Root)
        );
        var tokens = pack.TextEncoder?.Network.Sizes.ContextLength ?? 1;
        var step = Flops(
            plan.Denoiser,
            latentHeight,
            latentWidth,
            (height, width) => ControlledUNet.Build(pack.UNetSizes, 1, height, width, tokens)
        );
        if ((options.Sampling.CfgScale ?? pack.Defaults.CfgScale) != 1)
        {
            step *= 2;
        }

        if (guidesInPixels)
        {
            step +=
                options.Guidance.Repeat
                * Flops(
                    plan.Guidance is { } side ? new TileSize(side, side) : null,
                    latentHeight,
                    latentWidth,
                    (height, width) => DecoderLoss.Build(sizes, 1, height, width, ParameterScope.Root)
                );
        }

        var steps = options.Sampling.Steps ?? pack.Defaults.Steps;
        return new RestorationWork(removal, encoding, step * steps * options.Samples, decoding * options.Samples);
    }

    /// <summary>The operations of a network over an image, tiles that overlap counted as often as they are computed.</summary>
    private static double Flops(TileSize? tile, int height, int width, Func<int, int, Graph> build)
    {
        const int multiple = 64; // what every network can be built for
        var (paddedHeight, paddedWidth) = (RoundUp(height, multiple), RoundUp(width, multiple));
        if (tile is not { } size)
        {
            return Cost.Of(build(paddedHeight, paddedWidth)).Flops;
        }

        var tiles = Count(height, size) * (double)Count(width, size);
        var side = RoundUp(size.Side, multiple);
        return tiles * Cost.Of(build(Math.Min(side, paddedHeight), Math.Min(side, paddedWidth))).Flops;
    }

    private static int Count(int length, TileSize tile) => 1 + Math.Max(0, (length - tile.Side + tile.Stride - 1) / tile.Stride);

    private static int RoundUp(int length, int multiple) => Math.Max(1, (length + multiple - 1) / multiple) * multiple;
}
