namespace DiffBir.Imaging.Texture;

/// <summary>
/// Gives a restored photo back the texture that was taken for noise: grass, straw, cloth. Where noise of variance σ² was removed, and
/// texture of variance t² with it, the mixture with the least squared error has σ² / (σ² + t²) of the restored photo and the rest of
/// the photo as it was (Wiener's share). The energy of the change is σ² + t², and flat places of the same photo tell σ²
/// (<see cref="RemovedNoise"/>). Where restoring added detail, the restored photo stays as it is.
/// </summary>
internal sealed class TextureKeeping
{
    private const int Smoothing = 2; // pixels on each side over which shares are means, so that none ends in an edge
    private const int Halo = ChangedPart.Halo + Smoothing;
    private const int PartRows = 64; // with the halo a plane of a part is no large object for the collector
    private const int PartColumns = 240;

    // The energy around a pixel of noise alone is seldom more than this times that of the flattest places.
    private const double Tolerance = 1.4;

    // JPEG takes noise away where a photo is flat, and leaves it beside edges: there it may be this much stronger.
    private const double CompressedTolerance = 4;
    private const double Uncompressed = 0.55; // a share of coefficients near zero that noise alone does not reach
    private const double Compressed = 0.65; // one that only compression, or softness, gives

    private readonly double _tolerance;

    private TextureKeeping(double tolerance) => _tolerance = tolerance;

    /// <summary>Finds out how much noise beside edges a photo may have.</summary>
    /// <param name="original">The photo in the size that it came in, where compression is told from enlarging.</param>
    /// <param name="onPart">Called behind each part of the work, from several threads.</param>
    /// <param name="cancellation">Ends the work between parts.</param>
    public static TextureKeeping For(PlanarImage original, Action? onPart = null, CancellationToken cancellation = default)
    {
        var zeros = ZeroCoefficients.Of(original, onPart: onPart, cancellation: cancellation).Share;
        var compressed = Math.Clamp((zeros - Uncompressed) / (Compressed - Uncompressed), 0, 1);
        return new(Tolerance + (compressed * (CompressedTolerance - Tolerance)));
    }

    /// <summary>Mixes the photo into the restored one where texture was lost.</summary>
    /// <param name="result">Receives the mixture; it must not be one of the others.</param>
    /// <param name="photo">The photo as it was, enlarged to the restored one's size, in [0, 1].</param>
    /// <param name="restored">The restored photo; what leaves [0, 1] is cut off.</param>
    /// <param name="onPart">Called behind each part of the work, from several threads.</param>
    /// <param name="cancellation">Ends the work between parts.</param>
    /// <exception cref="ShapeException">The sizes differ.</exception>
    public void Apply(
        PlanarImage result,
        PlanarImage photo,
        PlanarImage restored,
        Action? onPart = null,
        CancellationToken cancellation = default
    )
    {
        if ((photo.Size, photo.Planes) != (restored.Size, restored.Planes))
        {
            throw new ShapeException(
                $"The photo ({photo.Planes} planes of {photo.Width}×{photo.Height}) and what was restored ({restored.Planes} of {restored.Width}×{restored.Height}) differ in size."
            );
        }

        var noise = Measure(photo, restored, onPart, cancellation);
        ForEachPart(
            photo,
            core =>
            {
                var part = new ChangedPart(photo, restored, Around(core, photo.Size));
                result.WriteBox(core.Top, core.Left, part.Mix(Shares(part, noise), core));
                onPart?.Invoke();
            },
            cancellation
        );
    }

    /// <summary>The variance of the noise for each brightness.</summary>
    private static float[] Measure(PlanarImage photo, PlanarImage restored, Action? onPart, CancellationToken cancellation)
    {
        var noise = new RemovedNoise();
        ForEachPart(
            photo,
            core =>
            {
                var (part, own) = (new ChangedPart(photo, restored, Around(core, photo.Size)), new RemovedNoise());
                own.Add(part, core);
                lock (noise)
                {
                    noise.Add(own);
                }

                onPart?.Invoke();
            },
            cancellation
        );
        return noise.Variances();
    }

    /// <summary>The restored photo's share of each pixel of a part.</summary>
    private float[] Shares(ChangedPart part, float[] noise)
    {
        var shares = new float[part.Energy.Length];
        for (var pixel = 0; pixel < shares.Length; pixel++)
        {
            var energy = Math.Max(part.Energy[pixel], float.Epsilon);
            var variance = noise[(int)(part.Brightness[pixel] * (noise.Length - 1))];
            var wiener = Math.Min(1, _tolerance * variance / energy);
            var removal = Math.Clamp(part.Removed[pixel] / energy, 0, 1);
            shares[pixel] = (float)(1 - ((1 - wiener) * removal));
        }

        BoxMean.Apply(shares, part.Box.Width, Smoothing);
        return shares;
    }

    private static void ForEachPart(PlanarImage photo, Action<Rectangle> work, CancellationToken cancellation)
    {
        var (down, across) = (Ceiling.Divide(photo.Height, PartRows), Ceiling.Divide(photo.Width, PartColumns));
        Parallel.For(
            0L,
            (long)down * across,
            Strips.Until(cancellation),
            index =>
            {
                var (top, left) = ((int)(index / across) * PartRows, (int)(index % across) * PartColumns);
                work(new(top, left, Math.Min(PartRows, photo.Height - top), Math.Min(PartColumns, photo.Width - left)));
            }
        );
    }

    private static Rectangle Around(Rectangle core, Size image)
    {
        var (top, left) = (Math.Max(core.Top - Halo, 0), Math.Max(core.Left - Halo, 0));
        return new(
            top,
            left,
            Math.Min(core.Top + core.Height + Halo, image.Height) - top,
            Math.Min(core.Left + core.Width + Halo, image.Width) - left
        );
    }
}
