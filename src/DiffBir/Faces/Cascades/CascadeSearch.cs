using DiffBir.Imaging;

namespace DiffBir.Faces.Cascades;

/// <summary>Finds what a cascade was trained for, in all sizes.</summary>
/// <param name="cascade">The cascade.</param>
internal sealed class CascadeSearch(Cascade cascade)
{
    /// <summary>Windows that a picture may have before they are grouped: whatever finds more finds everything.</summary>
    private const int MaxHits = 20_000;

    private readonly bool _isTilted = Array.Exists(cascade.Features, feature => feature.IsTilted);

    /// <summary>How much larger each size is than the one before.</summary>
    public double ScaleStep { get; init; } = 1.1;

    /// <summary>The smallest size, in sides of the cascade's window.</summary>
    public double MinScale { get; init; } = 1;

    /// <summary>How many windows must show a thing.</summary>
    public int MinVotes { get; init; } = 3;

    /// <summary>Searches a picture.</summary>
    /// <param name="gray">[1,1,H,W] in [0,1].</param>
    /// <param name="cancellation">Ends the work within a size.</param>
    /// <returns>What was found, in pixels of the picture.</returns>
    public IReadOnlyList<CascadeHit> Find(Tensor gray, CancellationToken cancellation)
    {
        var hits = new List<CascadeHit>();
        for (var scale = 1.0; Fits(gray, scale); scale *= ScaleStep)
        {
            if (scale < MinScale)
            {
                continue;
            }

            foreach (var hit in HitsOf(gray, (float)scale, cancellation))
            {
                hits.Add(hit);
                if (hits.Count == MaxHits)
                {
                    // A cascade that takes everything for a face tells nothing.
                    return [];
                }
            }
        }

        return CascadeHit.Group(hits, MinVotes);
    }

    private bool Fits(Tensor gray, double scale) =>
        Rounded(cascade.Height * scale) <= gray.Size(2) && Rounded(cascade.Width * scale) <= gray.Size(3);

    // Scales are 32-bit numbers, as in OpenCV, so that sizes and places are rounded alike.
    private IEnumerable<CascadeHit> HitsOf(Tensor gray, float scale, CancellationToken cancellation)
    {
        var (height, width) = (Rounded(gray.Size(2) / scale), Rounded(gray.Size(3) / scale));
        var image = new IntegralImage(OpenCvResizer.ResizeExactly(gray, height, width), _isTilted);
        // Where the picture is hardly shrunk, neighbors are alike.
        var step = scale < 2 ? 2 : 1;
        return new CascadeScan(cascade, image)
            .Passing(step, cancellation)
            .Select(place => new CascadeHit(
                Rounded(place.X * scale),
                Rounded(place.Y * scale),
                Rounded(cascade.Width * scale),
                Rounded(cascade.Height * scale)
            ));
    }

    private static int Rounded(double value) => (int)Math.Round(value);
}
