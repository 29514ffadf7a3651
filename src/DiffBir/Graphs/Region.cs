namespace DiffBir.Graphs;

/// <summary>A rectangle of an image.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
internal readonly record struct Region(Extent Rows, Extent Columns)
{
    /// <summary>All of an image [B,C,H,W].</summary>
    public static Region WholeOf(Shape image) => new(new(0, image[2]), new(0, image[3]));

    /// <summary>The smallest rectangle that contains both.</summary>
    public Region Hull(Region other) => new(Rows.Hull(other.Rows), Columns.Hull(other.Columns));

    /// <summary>The same place in an image of another size; rectangles that tile the one image tile the other.</summary>
    public Region Scale(Shape from, Shape to) => new(Rows.Scale(from[2], to[2]), Columns.Scale(from[3], to[3]));

    /// <summary>The same place in an image enlarged by a whole factor.</summary>
    public Region Enlarge(int factor) => new(Rows.Enlarge(factor), Columns.Enlarge(factor));

    /// <summary>The rectangle in coordinates that begin at another's corner.</summary>
    public Region RelativeTo(Region origin) => new(Rows.Shift(-origin.Rows.Start), Columns.Shift(-origin.Columns.Start));
}

/// <summary>A range of rows or columns.</summary>
/// <param name="Start">The first one.</param>
/// <param name="End">The one after the last.</param>
internal readonly record struct Extent(int Start, int End)
{
    /// <summary>The number of rows or columns.</summary>
    public int Length => End - Start;

    /// <summary>The smallest range that contains both.</summary>
    public Extent Hull(Extent other) => new(Math.Min(Start, other.Start), Math.Max(End, other.End));

    /// <summary>The range moved.</summary>
    public Extent Shift(int by) => new(Start + by, End + by);

    /// <summary>The same place on an axis enlarged by a whole factor.</summary>
    public Extent Enlarge(int factor) => new(Start * factor, End * factor);

    /// <summary>The same place on an axis of another size.</summary>
    public Extent Scale(int from, int to) => new((int)((long)Start * to / from), (int)((long)End * to / from));
}
