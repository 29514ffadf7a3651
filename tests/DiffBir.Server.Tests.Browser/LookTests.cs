using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>Small screens, fingers, and the dark.</summary>
public sealed class LookTests(Site site) : IClassFixture<Site>
{
    private static readonly Visitor SmallPhone = Visitor.OnPhone with { Width = 360, Height = 640 };

    private const string Background = "() => getComputedStyle(document.documentElement).backgroundColor";
    private const string Paper = "rgb(246, 243, 238)";
    private const string Night = "rgb(23, 22, 20)";

    [BrowserFact]
    public async Task The_page_fits_a_small_phone_in_every_state()
    {
        await using var visit = await site.VisitAsync(SmallPhone);

        await visit.Page.Locator("a[href='/openapi/v1.json']:not(:empty)").WaitForAsync(); // the page's words come behind it
        await RequireFitAsync(visit, "idle");
        await visit.ChooseAsync(Pictures.Photo($"{new string('a', 80)}.png"), Pictures.Photo());
        await RequireFitAsync(visit, "photos chosen");
        await visit.Restore.ClickAsync();
        await visit.Compare.WaitForAsync();
        await RequireFitAsync(visit, "result");
        await visit.Page.Locator("#advanced > summary").ClickAsync();
        foreach (var group in await visit.Page.Locator(".option-group").AllAsync())
        {
            await group.EvaluateAsync("group => group.open = true");
            await RequireFitAsync(visit, "advanced");
        }
    }

    [BrowserFact]
    public async Task The_dark_follows_the_system_and_the_switch()
    {
        await using var visit = await site.VisitAsync(new Visitor { IsDark = true });
        var page = visit.Page;
        (await page.EvaluateAsync<string>(Background)).ShouldBe(Night);

        var theme = page.GetByRole(AriaRole.Button, new() { Name = "Dark mode" });
        (await theme.GetAttributeAsync("aria-pressed")).ShouldBe("true");
        await theme.ClickAsync();

        (await page.EvaluateAsync<string>(Background)).ShouldBe(Paper);
        await page.ReloadAsync();
        (await page.EvaluateAsync<string>(Background)).ShouldBe(Paper);
        (await theme.GetAttributeAsync("aria-pressed")).ShouldBe("false");
    }

    [BrowserFact]
    public async Task The_page_can_be_installed_as_an_app_with_an_icon()
    {
        await using var visit = await site.VisitAsync(Visitor.OnPhone);
        var browser = await visit.Page.Context.NewCDPSessionAsync(visit.Page);

        var manifest = (await browser.SendAsync("Page.getAppManifest"))!.Value;

        manifest.GetProperty("errors").EnumerateArray().ShouldBeEmpty();
        var text = manifest.GetProperty("data").GetString();
        var icons = await visit.Page.EvaluateAsync<string[]>(SizesOfIcons, text);
        icons.ShouldBe(["192x192 any", "512x512 any", "512x512 maskable"]);
    }

    /// <summary>The pictures that a manifest names, as large as they are, and what for.</summary>
    private const string SizesOfIcons = """
        (text) =>
          Promise.all(
            JSON.parse(text)
              .icons.filter(({ type }) => type === "image/png")
              .map(async ({ src, purpose }) => {
                const icon = await createImageBitmap(await (await fetch(src)).blob());
                return `${icon.width}x${icon.height} ${purpose ?? "any"}`;
              }),
          )
        """;

    private static async Task RequireFitAsync(Visit visit, string state)
    {
        (await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBe(SmallPhone.Width, state);
        (await visit.Page.EvaluateAsync<string[]>(SmallTargets)).ShouldBeEmpty(state);
        (await visit.Page.EvaluateAsync<string[]>(OutOfCards)).ShouldBeEmpty(state);
    }

    /// <summary>What can be touched and stands out of the card that it is on.</summary>
    private const string OutOfCards = """
        () => [...document.querySelectorAll(".card :is(button, select, label, a)")]
          .filter(target => target.checkVisibility({ visibilityProperty: true }) && !target.matches(".visually-hidden"))
          .filter(target => target.getBoundingClientRect().right > target.closest(".card").getBoundingClientRect().right)
          .map(target => target.outerHTML.slice(0, 120))
        """;

    /// <summary>What can be touched and is smaller than a fingertip; a control inside its label is as large as that.</summary>
    private const string SmallTargets = """
        () => [...document.querySelectorAll("a, button, input, select, summary, [role=slider]")]
          .filter(target => target.checkVisibility({ visibilityProperty: true }) && !target.matches(".visually-hidden, .skip-link"))
          .map(target => ({ target, box: (target.closest("label, .check") ?? target).getBoundingClientRect() }))
          .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
          .map(({ target, box }) => `${target.outerHTML.slice(0, 120)}: ${box.width} × ${box.height}`)
        """;
}
