namespace DiffBir.Imaging.Texture;

/// <summary>
/// Tells whether a photo comes from JPEG: high frequencies are next to nothing in its blocks of 8×8 pixels, but not in blocks that
/// begin half a block beside them, where edges of the others lie. What is soft or noisy looks alike in both.
/// </summary>
internal static class CompressionTrace
{
    private const int Beside = ZeroCoefficients.Block / 2;

    // Of 70 photos shrunk to 64x64, 95 % differ by less than the first without JPEG, and by more than the second in a JPEG of 85.
    private const double Uncompressed = 0.05;
    private const double Compressed = 0.15;

    /// <summary>0: no trace of JPEG, or one that was moved or resized away; 1: certainly JPEG; between them where it is not sure.</summary>
    /// <param name="photo">The photo in the size that it was compressed in, in [0, 1], turned or mirrored or not.</param>
    /// <param name="onPart">Called behind each part of the work, from several threads.</param>
    /// <param name="cancellation">Ends the work between parts.</param>
    public static double Of(PlanarImage photo, Action? onPart = null, CancellationToken cancellation = default)
    {
        // Blocks begin in one of the corners: a camera's photo has been turned upright since.
        int[] tops = [0, photo.Height % ZeroCoefficients.Block];
        int[] lefts = [0, photo.Width % ZeroCoefficients.Block];
        return tops.Distinct().SelectMany(top => lefts.Distinct().Select(left => OfBlocksFrom(top, left))).Max();

        double OfBlocksFrom(int top, int left)
        {
            var blocks = ZeroCoefficients.Of(photo, top, left, onPart, cancellation);
            var beside = ZeroCoefficients.Of(photo, top + Beside, left + Beside, onPart, cancellation);
            // A photo that is smaller than both kinds of blocks tells nothing.
            return beside.All == 0
                ? 0
                : Math.Clamp((blocks.Share - beside.Share - Uncompressed) / (Compressed - Uncompressed), 0, 1);
        }
    }
}
