using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>A tile with a margin.</summary>
/// <param name="Read">The tile with its margin.</param>
/// <param name="Own">The part of the result that is the tile's; the tiles' own parts cover the image once.</param>
internal readonly record struct PaddedTile(Region Read, Region Own);

/// <summary>Cuts an area as the original's v2.1.0 does.</summary>
internal static class PaddedTiles
{
    // Tiles that are shrunk to be even are rounded up to a multiple of the first of these that fits.
    private static readonly int[] Multiples = [32, 16, 8, 4, 2];

    /// <summary>The tiles, row by row; none where the original does not cut.</summary>
    /// <param name="height">The area's rows.</param>
    /// <param name="width">The area's columns.</param>
    /// <param name="side">The side of a tile without its margin, at most.</param>
    /// <param name="margin">The margin on each side.</param>
    public static IReadOnlyList<PaddedTile> Of(int height, int width, int side, int margin)
    {
        if (Math.Max(height, width) <= (2 * margin) + side)
        {
            return [];
        }

        return
        [
            .. from rows in Along(height, side, margin)
            from columns in Along(width, side, margin)
            select new PaddedTile(new(rows.Read, columns.Read), new(rows.Own, columns.Own)),
        ];
    }

    // The first and the last tile own their outer margin, so only what is between the margins is divided.
    private static IEnumerable<(Extent Read, Extent Own)> Along(int length, int side, int margin)
    {
        var inner = length - (2 * margin);
        var count = Math.Max(1, Ceiling.Divide(inner, side));
        var even = Even(Ceiling.Divide(inner, count), side);
        for (var index = 0; index < count; index++)
        {
            var start = margin + (index * even);
            var end = Math.Min(start + even, length);
            yield return (
                new(Math.Max(0, start - margin), Math.Min(length, end + margin)),
                new(index == 0 ? 0 : start, index == count - 1 ? length : end)
            );
        }
    }

    private static int Even(int min, int max) =>
        Multiples.Select(multiple => Ceiling.Multiple(min, multiple)).Where(size => size <= max).DefaultIfEmpty(min).First();
}
