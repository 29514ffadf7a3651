using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>The page's modules on their own.</summary>
public sealed class ScriptTests(Site site) : IClassFixture<Site>
{
    private const double Rounding = 1e-9;

    [BrowserFact]
    public async Task The_dial_goes_from_full_fidelity_to_none_and_back()
    {
        var scales = await RunAsync<double[]>(
            "settings/dial.js",
            "({ toGuidanceScale }) => [0, 25, 50, 75, 100].map((position) => toGuidanceScale(position, 1))"
        );
        scales.ShouldBe([1, 0.42, 0.13, 0.016, 0]);

        var positions = await RunAsync<double[]>(
            "settings/dial.js",
            """
            ({ toGuidanceScale, toPosition }) =>
              Array.from({ length: 21 }, (_, step) => toPosition(toGuidanceScale(5 * step, 100), 100) - 5 * step)
            """
        );
        positions.ShouldAllBe(difference => Math.Abs(difference) < 2.5, "each position comes back to itself");
        (await RunAsync<int>("settings/dial.js", "({ toPosition }) => toPosition(400, 100)")).ShouldBe(0);
    }

    [BrowserTheory]
    [InlineData(
        "en-GB",
        new[]
        {
            "time left not known yet",
            "a few seconds left",
            "about 25 seconds left",
            "about 3 minutes left",
            "about 2 hours left",
        }
    )]
    [InlineData("zh-CN", new[] { "剩余时间未知", "还剩几秒", "大约还需 25秒钟", "大约还需 3分钟", "大约还需 2小时" })]
    public async Task Time_left_is_said_as_people_say_it(string locale, string[] expected)
    {
        var texts = await RunAsync<string[]>(
            "words/format.js",
            "({ timeLeft }) => [null, 4, 21, 150, 7100].map(timeLeft)",
            locale
        );

        texts.ShouldBe(expected);
    }

    [BrowserFact]
    public async Task Bytes_are_said_as_people_say_them()
    {
        var texts = await RunAsync<string[]>(
            "words/format.js",
            "({ bytes }) => [1, 999, 1_500, 123_456, 3_400_000, 2_000_000_000].map(bytes)"
        );

        texts.ShouldBe(["1 byte", "999 bytes", "1.5 kB", "123 kB", "3.4 MB", "2 GB"]);
    }

    [BrowserFact]
    public async Task Events_are_read_however_the_network_cuts_them()
    {
        var events = await RunAsync<string[]>(
            "server/events.js",
            """
            async ({ readEvents }) => {
              const bytes = new TextEncoder().encode(': hello\n\nid: 1\nevent: job\ndata: {"name":\ndata: "é"}\n\nevent: progress\r\ndata: 2\r\n\r\n');
              const found = [];
              for (let size = 1; size <= bytes.length; size++) {
                const pieces = [];
                for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.slice(start, start + size));
                const stream = new ReadableStream({
                  start: controller => {
                    pieces.forEach(piece => controller.enqueue(piece));
                    controller.close();
                  },
                });
                const events = [];
                for await (const event of readEvents(stream)) events.push(event);
                found.push(JSON.stringify(events));
              }
              return [...new Set(found)];
            }
            """
        );

        events.ShouldBe(["""[{"type":"job","data":{"name":"é"}},{"type":"progress","data":2}]"""]);
    }

    [BrowserFact]
    public async Task Zooming_keeps_the_point_below_the_pointer_and_shows_no_gap()
    {
        var found = await RunAsync<double[][]>(
            "result/zoom.js",
            """
            ({ Zoom }) => {
              const zoom = new Zoom();
              zoom.resize({ width: 400, height: 200 }, { width: 1600, height: 800 });
              const point = () => [(100 - zoom.corner.x) / zoom.scale, (50 - zoom.corner.y) / zoom.scale];
              const before = point();
              zoom.by(3, 100, 50);
              const after = point();
              zoom.pan(10_000, 10_000);
              const pushed = [zoom.corner.x, zoom.corner.y];
              zoom.reset();
              return [before, after, pushed, [zoom.corner.x, zoom.corner.y]];
            }
            """
        );

        found[1].ShouldBe(found[0], Rounding);
        found[2].ShouldBe([0, 0], Rounding);
        found[3].ShouldBe([0, 0], Rounding);
    }

    private async Task<T> RunAsync<T>(string module, string use, string locale = "en-GB")
    {
        await using var visit = await site.VisitAsync(new Visitor { Locale = locale });
        return await visit.Page.EvaluateAsync<T>($"async () => ({use})(await import('/assets/scripts/{module}'))");
    }
}
