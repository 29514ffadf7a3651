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

        return new TileSize(side, side - side / OverlapParts / 8 * 8);
    }

    private static int Padded(int length) => Framing.RoundUp(length, Multiple);
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
