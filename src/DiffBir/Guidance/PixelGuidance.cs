using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Tiling;

namespace DiffBir.Guidance;

/// <summary>
/// Region-adaptive restoration guidance (arXiv 2308.15070, section 3.4) of an image that was generated in one evaluation: the same
/// step along the negative gradient of W ⊙ (image − clean)², in pixels, where its length is a share of the way.
/// </summary>
/// <param name="clean">The clean image in [0, 1]; it stays its owner's.</param>
/// <param name="kind">What is compared: it decides on W.</param>
/// <param name="memory">Frees what bands leave behind where memory has a limit; null: the runtime decides.</param>
internal sealed class PixelGuidance(PlanarImage clean, GuidanceLossKind kind, ManagedMemory? memory = null)
{
    private const int Band = 64; // rows whose weights are computed at once

    private readonly GuidanceTarget _target = new(clean, clean.Height, clean.Width, kind == GuidanceLossKind.WeightedMse);

    /// <summary>Where guidance pulls: three equal planes, 1 fully, 0 not at all.</summary>
    /// <param name="storage">Where it goes.</param>
    public PlanarImage WeightMap(PlanarStorage storage) => _target.WeightMap(storage);

    /// <summary>
    /// Moves an image towards the clean one: where W is 1 by a share of the way, elsewhere by W times that share; and makes what is
    /// left of the difference larger.
    /// </summary>
    /// <param name="image">The image, as large as the clean one; changed in place.</param>
    /// <param name="share">0: not at all; 1 and more: all the way where W is 1.</param>
    /// <param name="repeat">How often, 1 or more; each time it goes the share of what is left.</param>
    /// <param name="detail">How many times as large; 1: not at all.</param>
    /// <param name="cancellation">Ends the work between bands of rows.</param>
    public void Pull(PlanarImage image, double share, int repeat, double detail, CancellationToken cancellation)
    {
        var (value, wanted) = (new float[image.Width], new float[image.Width]);
        for (var top = 0; top < image.Height; top += Band)
        {
            cancellation.ThrowIfCancellationRequested();
            memory?.Collect();
            var kept = _target.Weights(new Rectangle(top, 0, Math.Min(Band, image.Height - top), image.Width));
            foreach (ref var weight in kept.Span)
            {
                weight = (float)(detail * Math.Pow(1 - (Math.Min(1, share) * weight), repeat));
            }

            for (var line = 0; line < image.Planes * kept.Size(2); line++)
            {
                var (plane, row) = (line / kept.Size(2), line % kept.Size(2));
                image.Read(plane, top + row, 0, value);
                clean.Read(plane, top + row, 0, wanted);
                var left = kept.Span.Slice(row * image.Width, image.Width);
                for (var column = 0; column < image.Width; column++)
                {
                    value[column] = wanted[column] + (left[column] * (value[column] - wanted[column]));
                }

                image.Write(plane, top + row, 0, value);
            }
        }
    }
}
