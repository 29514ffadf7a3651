namespace DiffBir.Server.Tests.Browser.Support;

/// <summary>Real touches, as the screen of a phone would report them.</summary>
internal sealed class Fingers : IAsyncDisposable
{
    private const int Moves = 8;

    private readonly ICDPSession _session;

    private Fingers(ICDPSession session) => _session = session;

    /// <summary>Fingers on a page.</summary>
    public static async Task<Fingers> OnAsync(IPage page) => new(await page.Context.NewCDPSessionAsync(page));

    /// <summary>Puts fingers down, moves them, and lifts them.</summary>
    /// <param name="from">Where each finger touches first, in CSS pixels of the window.</param>
    /// <param name="to">Where each finger is lifted.</param>
    public async Task MoveAsync((float X, float Y)[] from, (float X, float Y)[] to)
    {
        await SendAsync("touchStart", from);
        for (var move = 1; move <= Moves; move++)
        {
            var part = (float)move / Moves;
            await SendAsync("touchMove", [.. from.Zip(to, (a, b) => (a.X + ((b.X - a.X) * part), a.Y + ((b.Y - a.Y) * part)))]);
        }

        await SendAsync("touchEnd", []);
    }

    public async ValueTask DisposeAsync() => await _session.DetachAsync();

    private async Task SendAsync(string type, (float X, float Y)[] points) =>
        await _session.SendAsync(
            "Input.dispatchTouchEvent",
            new Dictionary<string, object>
            {
                ["type"] = type,
                ["touchPoints"] = points
                    .Select(
                        (point, id) =>
                            new
                            {
                                x = point.X,
                                y = point.Y,
                                id,
                            }
                    )
                    .ToArray(),
            }
        );
}
