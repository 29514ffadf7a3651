namespace DiffBir.Faces.Cascades;

/// <summary>Something that a cascade found.</summary>
/// <param name="X">The rectangle's first column in the picture.</param>
/// <param name="Y">Its first row.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Votes">How many windows found it.</param>
internal readonly record struct CascadeHit(int X, int Y, int Width, int Height, int Votes = 1)
{
    /// <summary>How different the rectangles of one thing may be, as a share of their sides.</summary>
    private const double Tolerance = 0.2;

    /// <summary>Makes one of all that show the same thing: their mean.</summary>
    /// <param name="hits">What was found.</param>
    /// <param name="minVotes">How many must show it.</param>
    /// <returns>What remains, in the order of the first of each.</returns>
    public static IReadOnlyList<CascadeHit> Group(IReadOnlyList<CascadeHit> hits, int minVotes)
    {
        CascadeHit[] means =
        [
            .. Classes(hits).GroupBy(pair => pair.Class, pair => pair.Hit).Select(Mean).Where(mean => mean.Votes >= minVotes),
        ];
        return [.. means.Where(mean => !Array.Exists(means, mean.IsPartOf))];
    }

    /// <summary>Whether another has about the same place and size.</summary>
    private bool IsLike(CascadeHit other)
    {
        var most = Tolerance * (Math.Min(Width, other.Width) + Math.Min(Height, other.Height)) / 2;
        return Math.Abs(X - other.X) <= most
            && Math.Abs(Y - other.Y) <= most
            && Math.Abs(X + Width - other.X - other.Width) <= most
            && Math.Abs(Y + Height - other.Y - other.Height) <= most;
    }

    /// <summary>Whether it is but a part of something larger that more windows show.</summary>
    private bool IsPartOf(CascadeHit other)
    {
        const int FewVotes = 3;
        var (x, y) = (Rounded(other.Width * Tolerance), Rounded(other.Height * Tolerance));
        return this != other
            && X >= other.X - x
            && Y >= other.Y - y
            && X + Width <= other.X + other.Width + x
            && Y + Height <= other.Y + other.Height + y
            && (other.Votes > Math.Max(FewVotes, Votes) || Votes < FewVotes);
    }

    /// <summary>What is alike is of one class, and with it what is like either.</summary>
    private static IEnumerable<(int Class, CascadeHit Hit)> Classes(IReadOnlyList<CascadeHit> hits)
    {
        var parents = Enumerable.Range(0, hits.Count).ToArray();
        for (var i = 0; i < hits.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (hits[i].IsLike(hits[j]))
                {
                    parents[Root(i)] = Root(j);
                }
            }
        }

        return hits.Select((hit, index) => (Root(index), hit));

        int Root(int index)
        {
            while (parents[index] != index)
            {
                index = parents[index] = parents[parents[index]];
            }

            return index;
        }
    }

    private static CascadeHit Mean(IEnumerable<CascadeHit> alike)
    {
        List<CascadeHit> hits = [.. alike];
        var share = 1f / hits.Count; // a 32-bit number, as in OpenCV: halves are rounded alike
        return new(
            Rounded(hits.Sum(hit => hit.X) * share),
            Rounded(hits.Sum(hit => hit.Y) * share),
            Rounded(hits.Sum(hit => hit.Width) * share),
            Rounded(hits.Sum(hit => hit.Height) * share),
            hits.Count
        );
    }

    private static int Rounded(double value) => (int)Math.Round(value);
}
