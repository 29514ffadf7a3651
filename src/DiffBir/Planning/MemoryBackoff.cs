using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Tiling;

namespace DiffBir.Planning;

/// <summary>Does work again with smaller tiles where memory did not suffice.</summary>
/// <param name="plan">The first plan.</param>
/// <param name="onDecision">Told in one sentence of each smaller tile.</param>
internal sealed class MemoryBackoff(TilePlan plan, Action<string>? onDecision)
{
    private const int Multiple = 64;
    private const int SmallestTile = 128;

    /// <summary>The plan as it is now.</summary>
    public TilePlan Plan { get; private set; } = plan;

    /// <summary>Does one part of the work, with tiles half as large after each failed allocation.</summary>
    /// <param name="part">What the part is called, for messages.</param>
    /// <param name="height">The height of what is tiled, in the tiles' unit.</param>
    /// <param name="width">The width of what is tiled.</param>
    /// <param name="unit">Pixels for each unit of the tile.</param>
    /// <param name="get">The part's tiles in a plan.</param>
    /// <param name="set">A plan with other tiles for the part.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="EngineException">Even the smallest tiles do not fit.</exception>
    public T Run<T>(
        string part,
        int height,
        int width,
        int unit,
        Func<TilePlan, TileSize?> get,
        Func<TilePlan, TileSize, TilePlan> set,
        Func<TilePlan, T> work
    )
    {
        while (true)
        {
            try
            {
                return work(Plan);
            }
            catch (EngineException exception) when (exception.IsOutOfMemory)
            {
                var side = get(Plan)?.Side ?? Math.Max(height, width);
                var half = Framing.RoundUp(side * unit / 2, Multiple);
                if (half >= side * unit || half < SmallestTile)
                {
                    throw new EngineException(
                        $"There is not enough memory for {part}, even in tiles of {side * unit} pixels. Close other programs, or use a smaller --upscale.",
                        exception
                    );
                }

                onDecision?.Invoke($"Memory did not suffice for {part}; going on with tiles of {half} pixels.");
                Plan = set(Plan, new TileSize(half / unit, half / unit / 2));
            }
        }
    }
}
