using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks.Autoencoder;
using DiffBir.Packs;
using DiffBir.Sampling;
using DiffBir.Training.Data;

namespace DiffBir.Training.Runs;

/// <summary>Fits the linear previews of a pack to photos by least squares: mean colors of what each latent pixel stands for.</summary>
internal static class LatentColorFit
{
    private const int MaxPhotos = 64;
    private const int Side = 256; // of the part that is taken from the middle of each photo
    private const double Ridge = 1e-6; // of each sum of squares, so that channels that never vary do no harm

    /// <summary>Encodes photos and fits their colors.</summary>
    /// <param name="pack">The pack, with its files in its folder.</param>
    /// <param name="photos">The photos; the first 64 of them are taken.</param>
    /// <returns>The way, and how far its colors are from the true ones, as PSNR in dB.</returns>
    /// <exception cref="DiffBirException">A photo is smaller than 256×256, or cannot be read.</exception>
    public static (LatentColors Colors, double Psnr) Of(ModelPack pack, PhotoSet photos)
    {
        var sizes = pack.AutoencoderSource.Sizes;
        var weights = new PackFiles(pack).WeightsOf(pack.AutoencoderSource, AutoencoderKl.Scope);
        using var autoencoder = new UntiledAutoencoder(
            new AutoencoderNetworks(sizes, weights, new EngineOptions { Device = Device.Cpu })
        );
        var squares = new LeastSquares(sizes.LatentChannels + 1, 3);
        for (var index = 0; index < Math.Min(photos.Count, MaxPhotos); index++)
        {
            Add(squares, autoencoder, Middle(photos.PathOf(index)), sizes.Reduction);
        }

        var (solution, error) = squares.Solve(Ridge);
        var colors = new LatentColors { Weights = [.. solution.SkipLast(1).Select(Rounded)], Offset = Rounded(solution[^1]) };
        return (colors, -10 * Math.Log10(error));
    }

    // A hundredth of what a byte can tell.
    private static double[] Rounded(double[] factors) => Array.ConvertAll(factors, factor => Math.Round(factor, 5));

    private static void Add(LeastSquares squares, UntiledAutoencoder autoencoder, Tensor image01, int reduction)
    {
        using var store = new LatentStore(PlanarStorage.Memory);
        var latent = autoencoder.Encode(PlanarImage.Of(image01), Side, Side, store, CancellationToken.None).Mean.ToTensor();
        var (channels, side) = (latent.Size(1), Side / reduction);
        var (given, wanted) = (new double[channels + 1], new double[3]);
        given[^1] = 1;
        for (var pixel = 0; pixel < side * side; pixel++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                given[channel] = latent.Data[(channel * side * side) + pixel];
            }

            for (var color = 0; color < 3; color++)
            {
                wanted[color] = Mean(image01, color, pixel / side * reduction, pixel % side * reduction, reduction);
            }

            squares.Add(given, wanted);
        }
    }

    private static double Mean(Tensor image01, int color, int top, int left, int side)
    {
        var sum = 0.0;
        for (var index = 0; index < side * side; index++)
        {
            sum += image01.Data[(((color * Side) + top + (index / side)) * Side) + left + (index % side)];
        }

        return sum / (side * side);
    }

    private static Tensor Middle(string path)
    {
        using var photo = ImageFile.Read(path);
        return photo.Height >= Side && photo.Width >= Side
            ? photo.Pixels.ReadBox((photo.Height - Side) / 2, (photo.Width - Side) / 2, Side, Side)
            : throw new DiffBirException(
                $"{path} has {photo.Width}×{photo.Height} pixels; photos for previews need {Side}×{Side} or more."
            );
    }
}
