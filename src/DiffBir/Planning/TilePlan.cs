using DiffBir.Autoencoding;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Planning;

/// <summary>How each part of a restoration is cut.</summary>
/// <param name="Stage1">Tiles of stage 1 in pixels of its input; null: the whole image at once.</param>
/// <param name="Encoder">Tiles of the autoencoder's encoder in pixels; null: the whole image at once.</param>
/// <param name="Decoder">Tiles of the autoencoder's decoder in pixels; null: the whole image at once.</param>
/// <param name="VaeTiling">How the autoencoder's tiles are joined.</param>
/// <param name="Denoiser">Tiles of the denoiser in latent pixels; null: the whole latent at once.</param>
/// <param name="Guidance">The side of the decoder's tiles in latent pixels where guidance looks at pixels; null: the whole latent at once.</param>
/// <param name="PadsLatent">Whether the latent is padded to what the UNet needs, instead of the image before it is encoded.</param>
internal sealed record TilePlan(
    TileSize? Stage1,
    TileSize? Encoder,
    TileSize? Decoder,
    VaeTiling VaeTiling,
    TileSize? Denoiser,
    int? Guidance,
    bool PadsLatent
)
{
    /// <summary>The plan where nothing follows stage 1.</summary>
    public static TilePlan OfStage1(TileSize? stage1) => new(stage1, null, null, VaeTiling.Exact, null, null, PadsLatent: false);

    /// <summary>The size at which an image is encoded: with tiles whole latent pixels, without them what the UNet needs.</summary>
    public (int Height, int Width) Encoded(int height, int width, ModelPack pack)
    {
        var multiple = pack.AutoencoderSource.Sizes.Reduction;
        if (!PadsLatent)
        {
            multiple *= pack.UNetSizes.SizeMultiple;
        }

        return (Framing.RoundUp(height, multiple), Framing.RoundUp(width, multiple));
    }

    /// <summary>The plan in one sentence.</summary>
    /// <param name="reduction">Pixels for each latent pixel.</param>
    public string Describe(int reduction)
    {
        string[] parts =
        [
            Describe("stage 1", Stage1?.Side),
            Describe("encoder", Encoder?.Side),
            Describe("decoder", Decoder?.Side),
            Describe("denoiser", Denoiser?.Side * reduction),
        ];
        return $"Tiles: {string.Join(", ", parts)}.";
    }

    private static string Describe(string part, int? side) => side is null ? $"{part} whole" : $"{part} {side} pixels";
}
