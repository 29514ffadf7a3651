using System.Collections.Immutable;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Tiling;

namespace DiffBir.Planning;

/// <summary>Chooses tiles so that a part of a restoration fits into memory.</summary>
/// <param name="tiling">What was asked for.</param>
/// <param name="budget">What may be used.</param>
internal sealed class TilePlanner(TilingSettings tiling, MemoryBudget budget)
{
    /// <summary>Where auto tiles overlap, in parts of a tile: enough to blend, little enough not to compute everything twice.</summary>
    private const int OverlapParts = 4;

    private const int Multiple = 64;
    private const int MinTile = 128;

    /// <summary>What was asked for.</summary>
    public TilingSettings Tiling => tiling;

    /// <summary>No tiles where the whole fits, else the largest that fit, unless the user decided.</summary>
    /// <param name="rule">What was asked for.</param>
    /// <param name="demand">What is to be cut.</param>
    public TileSize? Choose(TileRule rule, TileDemand demand)
    {
        if (!rule.IsAuto)
        {
            return demand.Fixed(rule);
        }

        var (height, width) = (Padded(demand.Height), Padded(demand.Width));
        if (rule.Fixed is { } preferred)
        {
            var fits = demand.Bytes(Math.Min(preferred.Side, height), Math.Min(preferred.Side, width)) <= budget.Networks;
            return fits ? demand.Fixed(rule) : Choose(TileRule.Auto, demand);
        }

        if (Math.Max(height, width) <= demand.MaxWhole && demand.Bytes(height, width) <= budget.Networks)
        {
            return null;
        }

        var room = demand.WaitsForOthers ? budget.Networks / 2 : budget.Networks;
        var side = Math.Min(demand.MaxTile, Math.Max(height, width));
        while (side > MinTile && demand.Bytes(Math.Min(side, height), Math.Min(side, width)) > room)
        {
            side = Math.Max(MinTile, side * 3 / 4 / Multiple * Multiple);
        }

        return new TileSize(side, side - (side / OverlapParts / 8 * 8));
    }

    private static int Padded(int length) => Ceiling.Multiple(length, Multiple);
}

/// <summary>Something to be cut into tiles.</summary>
/// <param name="Height">The height of the whole in pixels.</param>
/// <param name="Width">The width of the whole in pixels.</param>
/// <param name="Bytes">What its network needs for a height and a width.</param>
internal sealed record TileDemand(int Height, int Width, Func<int, int, long> Bytes)
{
    private const int MaxSide = 4096;

    /// <summary>The longest side that is not cut where it fits into memory.</summary>
    public int MaxWhole { get; init; } = MaxSide;

    /// <summary>The largest tile that is tried.</summary>
    public int MaxTile { get; init; } = MaxSide;

    /// <summary>Whether tiles wait for each other: beside the one that runs lie those that do, which take half of the memory.</summary>
    public bool WaitsForOthers { get; init; }

    /// <summary>Whether tiles of a size that was named are taken even where the whole is shorter than one.</summary>
    public bool CutsStrips { get; init; }

    /// <summary>The tiles that a rule names; null where it names none, or the whole is not worth cutting.</summary>
    public TileSize? Fixed(TileRule rule) => CutsStrips ? rule.Fixed : rule.Fixed?.For(Height, Width);
}

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

/// <summary>A part of the work that is computed in tiles where the whole would not fit into memory.</summary>
/// <param name="Name">What it is called where the plan is told.</param>
/// <param name="Work">What it is called where memory does not suffice.</param>
internal sealed record TiledPart(string Name, string Work)
{
    /// <summary>Stage 1's network; tiles are pixels of its input.</summary>
    public static TiledPart Stage1 { get; } = new("stage 1", "stage 1");

    /// <summary>The generator of one evaluation.</summary>
    public static TiledPart Generator { get; } = new("generator", "regenerating detail");

    /// <summary>The autoencoder's encoder.</summary>
    public static TiledPart Encoder { get; } = new("encoder", "encoding");

    /// <summary>The denoising network.</summary>
    public static TiledPart Denoiser { get; } = new("denoiser", "regenerating detail");

    /// <summary>The decoder's gradient, for guidance that looks at pixels.</summary>
    public static TiledPart Guidance { get; } = new("guidance", "guidance");

    /// <summary>The autoencoder's decoder.</summary>
    public static TiledPart Decoder { get; } = new("decoder", "decoding");
}
