using System.Globalization;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>Looking at a result.</summary>
public sealed class ComparingTests(Site site) : IClassFixture<Site>
{
    [BrowserFact]
    public async Task The_line_between_before_and_after_follows_the_mouse()
    {
        await using var visit = await site.VisitAsync();
        await visit.RestoreAsync(Pictures.Photo());
        var box = (await visit.Compare.BoundingBoxAsync())!;
        var mouse = visit.Page.Mouse;

        await mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await mouse.DownAsync();
        await mouse.MoveAsync(box.X + (box.Width / 4), box.Y + (box.Height / 3));
        await mouse.UpAsync();

        (await SplitAsync(visit)).ShouldBe(25, tolerance: 1);
    }

    [BrowserFact]
    public async Task The_line_between_before_and_after_follows_the_arrow_keys()
    {
        await using var visit = await site.VisitAsync();
        await visit.RestoreAsync(Pictures.Photo());

        await visit.Handle.FocusAsync();
        await PressAsync(visit, "ArrowLeft", "ArrowLeft", "Shift+ArrowRight");
        (await SplitAsync(visit)).ShouldBe(56);
        (await visit.Handle.GetAttributeAsync("aria-valuetext")).ShouldBe("The left picture covers 56%");
        await PressAsync(visit, "End");
        (await SplitAsync(visit)).ShouldBe(100);
        await PressAsync(visit, "Home");
        (await SplitAsync(visit)).ShouldBe(0);
    }

    [BrowserFact]
    public async Task Both_pictures_zoom_and_move_together_by_wheel_mouse_and_keys()
    {
        await using var visit = await site.VisitAsync();
        await visit.RestoreAsync(Pictures.Photo());
        var box = (await visit.Compare.BoundingBoxAsync())!;
        var mouse = visit.Page.Mouse;

        await mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await mouse.WheelAsync(0, -400);
        await visit.Page.WaitForFunctionAsync("() => document.querySelector('.compare').dataset.zoom > 2");
        var before = await PlacesAsync(visit);
        await mouse.MoveAsync(box.X + (box.Width / 4), box.Y + (box.Height / 4));
        await mouse.DownAsync();
        await mouse.MoveAsync(box.X + (box.Width / 4) + 40, box.Y + (box.Height / 4) + 20);
        await mouse.UpAsync();
        var after = await PlacesAsync(visit);

        before.ShouldAllBe(place => place == before[0], "the pictures lie on each other");
        after.ShouldAllBe(place => place == after[0], "the pictures lie on each other");
        after[0].ShouldNotBe(before[0]);
        (await SplitAsync(visit)).ShouldBe(50, "moving a zoomed picture leaves the line alone");
        await visit.Compare.FocusAsync();
        await PressAsync(visit, "ArrowRight");
        (await PlacesAsync(visit))[0].ShouldNotBe(after[0]);
        var zoom = await ZoomAsync(visit);
        await PressAsync(visit, "-");
        (await ZoomAsync(visit)).ShouldBeLessThan(zoom);
        await PressAsync(visit, "+", "+");
        (await ZoomAsync(visit)).ShouldBeGreaterThan(zoom);
        await PressAsync(visit, "0");
        (await ZoomAsync(visit)).ShouldBe(1);
    }

    [BrowserFact]
    public async Task Two_fingers_zoom_and_one_finger_moves_the_line()
    {
        await using var visit = await site.VisitAsync(Visitor.OnPhone);
        await visit.RestoreAsync(Pictures.Photo());
        await visit.Compare.ScrollIntoViewIfNeededAsync();
        var box = (await visit.Compare.BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await using var fingers = await Fingers.OnAsync(visit.Page);

        await fingers.MoveAsync([(x, y)], [(x - 60, y)]);
        (await SplitAsync(visit)).ShouldBe(50 - (60 / box.Width * 100), tolerance: 1.5);
        (await ZoomAsync(visit)).ShouldBe(1);
        await fingers.MoveAsync([(x - 30, y), (x + 30, y)], [(x - 90, y), (x + 90, y)]);

        (await ZoomAsync(visit)).ShouldBe(3, tolerance: 0.3);
    }

    [BrowserFact]
    public async Task The_cleaned_photo_and_the_guidance_map_can_be_looked_at()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await page.Locator("#dial").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await visit.RestoreAsync(Pictures.Photo());
        var left = visit.Compare.Locator(".compare-layer.before img");
        var shown = new HashSet<string?> { await left.GetAttributeAsync("src") };

        foreach (var name in (string[])["Cleaned", "Guidance map"])
        {
            await page.GetByRole(AriaRole.Radio, new() { Name = name }).CheckAsync();
            await visit.Compare.GetByText(name).WaitForAsync();

            (await Visit.IsLoadedAsync(left)).ShouldBeTrue(name);
            shown.Add(await left.GetAttributeAsync("src")).ShouldBeTrue($"{name} is a picture of its own");
        }
    }

    [BrowserFact]
    public async Task Two_results_of_one_photo_are_compared_under_the_line()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.RestoreAsync(Pictures.Photo());
        await page.GetByRole(AriaRole.Radio, new() { Name = "As sharp as it gets" }).CheckAsync();
        await visit.Restore.ClickAsync();
        await page.Locator(".job-card[data-state=done]").Nth(1).WaitForAsync();
        await page.Locator(".made-with", new() { HasText = "As realistic as possible" }).WaitForAsync();

        var others = page.GetByLabel("Compare with another result");
        var option = others.Locator("option", new() { HasText = "Balanced" });
        await others.SelectOptionAsync((await option.GetAttributeAsync("value"))!);

        await visit.Compare.GetByText("Other result").WaitForAsync();
        (await Visit.IsLoadedAsync(visit.Compare.Locator(".compare-layer.before img"))).ShouldBeTrue();
        (await page.Locator("input[name=left]:checked").CountAsync()).ShouldBe(0);
    }

    private static async Task<double> SplitAsync(Visit visit) => Number(await visit.Handle.GetAttributeAsync("aria-valuenow"));

    private static async Task<double> ZoomAsync(Visit visit) => Number(await visit.Compare.GetAttributeAsync("data-zoom"));

    private static Task<string[]> PlacesAsync(Visit visit) =>
        visit.Compare.Locator("img").EvaluateAllAsync<string[]>("images => images.map(image => image.style.transform)");

    private static async Task PressAsync(Visit visit, params string[] keys)
    {
        foreach (var key in keys)
        {
            await visit.Page.Keyboard.PressAsync(key);
        }
    }

    private static double Number(string? text) => double.Parse(text!, CultureInfo.InvariantCulture);
}
