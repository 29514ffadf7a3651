using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Guidance;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Planning;

/// <summary>Chooses tiles so that every part of a restoration fits into memory.</summary>
/// <param name="pack">The networks.</param>
/// <param name="task">The networks of the task.</param>
/// <param name="options">What the user asked for.</param>
/// <param name="budget">What may be used.</param>
internal sealed class TilePlanner(ModelPack pack, TaskNetworks task, TilingOptions options, MemoryBudget budget)
{
    /// <summary>The denoiser was trained on images of this side; far larger ones are worse, and their attention grows with the fourth power.</summary>
    private const int DenoiserTile = 512;

    /// <summary>Up to this side the denoiser still sees the whole image.</summary>
    private const int LargestWhole = 1024;

    /// <summary>Where auto tiles overlap, in parts of a tile: enough to blend, little enough not to compute everything twice.</summary>
    private const int OverlapParts = 4;

    private const int Multiple = 64;
    private const int SmallestTile = 128;
    private const int LargestTile = 4096;

    /// <summary>The plan for an image.</summary>
    /// <param name="stage1Height">The height of stage 1's input.</param>
    /// <param name="stage1Width">The width of stage 1's input.</param>
    /// <param name="cleanHeight">The height of the clean image.</param>
    /// <param name="cleanWidth">The width of the clean image.</param>
    /// <param name="guidesInPixels">Whether guidance looks at pixels, which needs the decoder's gradient.</param>
    public TilePlan Plan(int stage1Height, int stage1Width, int cleanHeight, int cleanWidth, bool guidesInPixels)
    {
        var stage1 = Choose(
            options.Stage1Tile ?? options.Tile,
            stage1Height,
            stage1Width,
            (height, width) => NetworkMemory.Of(task.Stage1.Build(1, height, width)),
            budget.Networks
        );
        if (pack.UNet is null)
        {
            return TilePlan.OfStage1(stage1);
        }

        var reduction = pack.AutoencoderSource.Sizes.Reduction;
        // Stage 2 works on whole latent pixels.
        cleanHeight = Framing.RoundUp(cleanHeight, reduction);
        cleanWidth = Framing.RoundUp(cleanWidth, reduction);
        var vae = options.VaeTile ?? options.Tile;
        // Beside the tile that runs lie those that wait for it.
        var room = budget.Networks / 2;
        var encoder = Choose(vae, cleanHeight, cleanWidth, EncoderBytes, room);
        var decoder = Choose(options.VaeDecoderTile ?? vae, cleanHeight, cleanWidth, DecoderBytes, room);
        var denoiser = DenoiserTiles(cleanHeight, cleanWidth);
        var isAsked = !options.Tile.IsAuto && options.Tile.Size is not null || options.VaeTile?.Size is not null;
        var latentTile = denoiser is { } tile ? new TileSize(tile.Side / reduction, tile.Stride / reduction) : (TileSize?)null;
        var padsLatent = options.VaeTiling != VaeTiling.Blended && (isAsked || encoder is not null || denoiser is not null);
        var guidance = guidesInPixels ? GuidanceTile(cleanHeight, cleanWidth) : null;
        return new TilePlan(stage1, encoder, decoder, options.VaeTiling, latentTile, guidance, padsLatent);
    }

    private int? GuidanceTile(int height, int width) =>
        Choose(options.VaeTile ?? options.Tile, height, width, GuidanceBytes, budget.Networks)?.Side
        / pack.AutoencoderSource.Sizes.Reduction;

    private TileSize? DenoiserTiles(int height, int width)
    {
        if (!options.Tile.IsAuto)
        {
            return Explicit(options.Tile)?.For(height, width);
        }

        return Math.Max(height, width) <= LargestWhole
            ? Choose(TileChoice.Auto, height, width, DenoiserBytes, budget.Networks)
            : Fitting(DenoiserTile, Padded(height), Padded(width), DenoiserBytes, budget.Networks);
    }

    /// <summary>No tiles where the whole fits, else the largest that fit.</summary>
    /// <param name="choice">What the user asked for.</param>
    /// <param name="height">The height of the whole.</param>
    /// <param name="width">The width of the whole.</param>
    /// <param name="bytes">What a network of a height and a width needs.</param>
    /// <param name="room">What a tile may need.</param>
    private TileSize? Choose(TileChoice choice, int height, int width, Func<int, int, long> bytes, long room)
    {
        if (!choice.IsAuto)
        {
            return Explicit(choice)?.For(height, width);
        }

        var (paddedHeight, paddedWidth) = (Padded(height), Padded(width));
        if (Math.Max(paddedHeight, paddedWidth) <= LargestTile && bytes(paddedHeight, paddedWidth) <= budget.Networks)
        {
            return null;
        }

        var largest = Math.Min(LargestTile, Math.Max(paddedHeight, paddedWidth));
        return Fitting(largest, paddedHeight, paddedWidth, bytes, room);
    }

    private static TileSize Fitting(int largest, int height, int width, Func<int, int, long> bytes, long room)
    {
        var side = largest;
        while (side > SmallestTile && bytes(Math.Min(side, height), Math.Min(side, width)) > room)
        {
            side = Math.Max(SmallestTile, side * 3 / 4 / Multiple * Multiple);
        }

        return Overlapping(side);
    }

    private TileSize? Explicit(TileChoice choice) =>
        choice.Size is { } side ? new TileSize(side, options.Stride ?? side / 2) : null;

    private static TileSize Overlapping(int side) => new(side, side - side / OverlapParts / 8 * 8);

    private long EncoderBytes(int height, int width) =>
        NetworkMemory.Of(Encoder.Build(pack.AutoencoderSource.Sizes, 1, height, width, ParameterScope.Root));

    private long DecoderBytes(int height, int width)
    {
        var (sizes, reduction) = (pack.AutoencoderSource.Sizes, pack.AutoencoderSource.Sizes.Reduction);
        return NetworkMemory.Of(Decoder.Build(sizes, 1, height / reduction, width / reduction, ParameterScope.Root));
    }

    private long GuidanceBytes(int height, int width)
    {
        var (sizes, reduction) = (pack.AutoencoderSource.Sizes, pack.AutoencoderSource.Sizes.Reduction);
        return NetworkMemory.Of(DecoderLoss.Build(sizes, 1, height / reduction, width / reduction, ParameterScope.Root));
    }

    private long DenoiserBytes(int height, int width)
    {
        var reduction = pack.AutoencoderSource.Sizes.Reduction;
        var tokens = pack.TextEncoder?.Network.Sizes.ContextLength ?? 1;
        return NetworkMemory.Of(ControlledUNet.Build(pack.UNetSizes, 1, height / reduction, width / reduction, tokens));
    }

    private static int Padded(int length) => Framing.RoundUp(length, Multiple);
}
