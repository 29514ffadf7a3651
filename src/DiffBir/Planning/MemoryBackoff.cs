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
    private const int MinTile = 128;

    /// <summary>The plan as it is now.</summary>
    public TilePlan Plan { get; private set; } = plan;

    /// <summary>Does one part of the work, with tiles half as large after each failed allocation.</summary>
    /// <param name="part">The part; null: it has no tiles, and is done once.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="EngineException">Even the smallest tiles do not fit.</exception>
    public void Run(TiledPart? part, Action<TilePlan> work)
    {
        while (true)
        {
            try
            {
                work(Plan);
                return;
            }
            catch (EngineException exception) when (exception.IsOutOfMemory && part is not null)
            {
                var side = Plan.SideOf(part);
                var half = Ceiling.Multiple(side / 2, Multiple);
                if (half >= side || half < MinTile)
                {
                    throw new EngineException(
                        $"There is not enough memory for {part.Work}, even in tiles of {side} pixels. Close other programs, or use a smaller --upscale.",
                        exception
                    );
                }

                onDecision?.Invoke($"Memory did not suffice for {part.Work}; going on with tiles of {half} pixels.");
                Plan = Plan.With(part, new TileSize(half, half / 2));
            }
        }
    }
}
