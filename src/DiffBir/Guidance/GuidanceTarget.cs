using DiffBir.Imaging;
using DiffBir.Sampling;
using DiffBir.Tiling;

namespace DiffBir.Guidance;

/// <summary>The clean image that guidance pulls towards, with the strength of the pull at each pixel; read in boxes, so it may be larger than memory.</summary>
/// <param name="clean">The clean image in [0, 1]; it stays its owner's.</param>
/// <param name="height">The height of the decoded latent; below the clean image everything is black.</param>
/// <param name="width">The width of the decoded latent.</param>
/// <param name="isWeighted">Whether textured regions are let go (<see cref="RegionWeights"/>).</param>
internal sealed class GuidanceTarget(PlanarImage clean, int height, int width, bool isWeighted)
{
    // A weight depends on its block of 2×2 pixels and on their neighbors.
    private const int Margin = 2;

    private const int Band = 64; // rows of the image whose weights are computed at once

    /// <summary>A box of the clean image, [1, 3, h, w] in [−1, 1].</summary>
    public Tensor ReadPm1(Rectangle box)
    {
        var image = TiledPlanes.ReadPadded(clean, box);
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = (image.Data[index] * 2) - 1;
        }

        return image;
    }

    /// <summary>The weights of a box, [1, 1, h, w]: 1 pulls fully, 0 not at all.</summary>
    public Tensor Weights(Rectangle box)
    {
        if (!isWeighted)
        {
            var ones = new Tensor(1, 1, box.Height, box.Width);
            ones.Span.Fill(1);
            return ones;
        }

        var (top, left) = (Before(box.Top), Before(box.Left));
        var bottom = Math.Min(height, box.Top + box.Height + Margin);
        var right = Math.Min(width, box.Left + box.Width + Margin);
        var image = TiledPlanes.ReadPadded(clean, new(top, left, bottom - top, right - left));
        return Framing.Crop(RegionWeights.Of(image), new(box.Top - top, box.Left - left, box.Height, box.Width));
    }

    /// <summary>Writes the weights of the whole image, band by band.</summary>
    /// <param name="map">Receives them in each of its planes.</param>
    public void WriteWeights(PlanarImage map)
    {
        for (var top = 0; top < map.Height; top += Band)
        {
            var band = Weights(new Rectangle(top, 0, Math.Min(Band, map.Height - top), map.Width));
            for (var plane = 0; plane < map.Planes; plane++)
            {
                map.Write(plane, top, 0, band.Span);
            }
        }
    }

    /// <summary>The weights of the whole image as an image: three equal planes, 1 fully, 0 not at all.</summary>
    /// <param name="storage">Where it goes.</param>
    public PlanarImage WeightMap(PlanarStorage storage) => storage.Create(3, height, width, WriteWeights);

    /// <summary>The weights of a whole latent; null where all are 1.</summary>
    /// <param name="reduction">Pixels for each latent pixel.</param>
    /// <param name="store">Where they go.</param>
    /// <returns>[1, 1, height / reduction, width / reduction].</returns>
    public Latent? LatentWeights(int reduction, LatentStore store)
    {
        if (!isWeighted)
        {
            return null;
        }

        var weights = store.Create(1, 1, height / reduction, width / reduction);
        var rows = Math.Max(1, Band / reduction) * reduction;
        for (var top = 0; top < height; top += rows)
        {
            var band = Weights(new Rectangle(top, 0, Math.Min(rows, height - top), width));
            var part = RegionWeights.ForLatent(band, band.Size(2) / reduction, weights.Size(3));
            weights.Planes.WriteBox(top / reduction, 0, part);
        }

        return weights;
    }

    // Blocks begin at even rows and columns.
    private static int Before(int position) => Math.Max(0, position - Margin) / 2 * 2;
}
