using System.Collections.Immutable;
using DiffBir.Tiling;

namespace DiffBir.Planning;

/// <summary>How each part of a restoration is cut; all tiles are in pixels.</summary>
internal sealed record TilePlan
{
    private ImmutableList<PlannedPart> Parts { get; init; } = [];

    /// <summary>The plan of no part.</summary>
    public static TilePlan None { get; } = new();

    /// <summary>Whether the latent is padded to what the UNet needs, instead of the image before it is encoded.</summary>
    public bool PadsLatent { get; init; }

    /// <summary>A part's tiles; null: the whole at once.</summary>
    public TileSize? this[TiledPart part] => Parts.Find(planned => planned.Part == part)?.Tiles;

    /// <summary>The plan with tiles for one part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="tiles">Its tiles; null: the whole at once.</param>
    /// <param name="whole">The longer side of the whole.</param>
    public TilePlan With(TiledPart part, TileSize? tiles, int whole)
    {
        var planned = new PlannedPart(part, tiles, whole);
        var index = Parts.FindIndex(other => other.Part == part);
        return this with { Parts = index < 0 ? Parts.Add(planned) : Parts.SetItem(index, planned) };
    }

    /// <summary>The side of a part's tiles, or of the whole; 0 where the plan does not have the part.</summary>
    public int SideOf(TiledPart part) =>
        Parts.Find(planned => planned.Part == part) is { } found ? found.Tiles?.Side ?? found.Whole : 0;

    /// <summary>The plan with other tiles for a part that it has.</summary>
    public TilePlan With(TiledPart part, TileSize tiles) => With(part, tiles, SideOf(part));

    /// <summary>The plan in one sentence.</summary>
    public string Describe() => $"Tiles: {string.Join(", ", Parts.Select(Describe))}.";

    private static string Describe(PlannedPart planned) =>
        planned.Tiles is { } tiles ? $"{planned.Part.Name} {tiles.Side} pixels" : $"{planned.Part.Name} whole";

    private sealed record PlannedPart(TiledPart Part, TileSize? Tiles, int Whole);
}
