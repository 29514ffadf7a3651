using System.Text.Json;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>What people hear, and people with weak eyes see.</summary>
public sealed class AccessibilityTests(Site site) : IClassFixture<Site>
{
    private static readonly HashSet<string> Controls =
    [
        "button",
        "checkbox",
        "combobox",
        "link",
        "progressbar",
        "radio",
        "slider",
        "spinbutton",
        "switch",
        "textbox",
        "listbox",
        "dialog",
        "region",
        "image",
    ];

    [BrowserTheory]
    [InlineData("en-GB", false)]
    [InlineData("zh-CN", true)]
    public async Task Everything_has_a_name_and_text_stands_out_in_every_state(string locale, bool isDark)
    {
        await using var visit = await site.VisitAsync(new Visitor { Locale = locale, IsDark = isDark });
        var page = visit.Page;

        await RequireAsync(visit, "idle");
        await page.Locator("#advanced > summary").ClickAsync();
        await page.Locator(".option-group:visible > summary").Last.ClickAsync();
        await RequireAsync(visit, "advanced");
        await visit.ChooseAsync(Pictures.NoPhoto(), Pictures.Photo());
        await visit.Photos.GetByRole(AriaRole.Alert).WaitForAsync();
        await RequireAsync(visit, "photos chosen, one of them refused");
        await visit.Restore.ClickAsync();
        await visit.Compare.WaitForAsync();
        await RequireAsync(visit, "result");
        await page.Locator(".card-remove").ClickAsync();
        await RequireAsync(visit, "question");
    }

    [BrowserFact]
    public async Task Landmarks_and_headings_show_the_way()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;

        (await page.GetByRole(AriaRole.Banner).CountAsync()).ShouldBe(1);
        (await page.GetByRole(AriaRole.Main).CountAsync()).ShouldBe(1);
        (await page.GetByRole(AriaRole.Contentinfo).CountAsync()).ShouldBe(1);
        (await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).AllTextContentsAsync()).ShouldBe([
            "Give a photo its detail back",
        ]);
        await page.Keyboard.PressAsync("Tab");
        (await FocusedAsync(page)).ShouldBe("Skip to your photo");
    }

    [BrowserFact]
    public async Task The_whole_way_can_be_gone_by_keyboard_and_is_told_as_it_goes()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await RecordAnnouncementsAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Hills" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await visit.Photos.WaitForAsync();
        await visit.Restore.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("h1.job-title:focus").WaitForAsync();
        await visit.Compare.WaitForAsync();
        await visit.Handle.FocusAsync();
        await page.Keyboard.PressAsync("Home");

        (await visit.Handle.GetAttributeAsync("aria-valuenow")).ShouldBe("0");
        await page.WaitForFunctionAsync("() => announced.includes('hills.png is ready.')");
    }

    [BrowserFact]
    public async Task After_a_job_is_deleted_the_focus_is_on_the_next_one()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.ChooseAsync(Pictures.Photo("first.png"), Pictures.Photo("second.png"));
        await visit.Restore.ClickAsync();
        await page.Locator(".job-card[data-state=done]").Nth(1).WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete second.png" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#confirm-yes").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await page.Locator(".job-card a:focus").GetByText("first.png").WaitForAsync();
    }

    private static async Task RecordAnnouncementsAsync(IPage page) =>
        await page.EvaluateAsync(
            """
            () => {
              window.announced = [];
              const region = document.querySelector("#announcer");
              new MutationObserver(() => announced.push(region.textContent)).observe(region, { childList: true });
            }
            """
        );

    private static Task<string> FocusedAsync(IPage page) =>
        page.EvaluateAsync<string>("() => document.activeElement.textContent.trim()");

    private static async Task RequireAsync(Visit visit, string state)
    {
        (await NamelessAfterAWhileAsync(visit.Page)).ShouldBeEmpty(state);
        (await visit.Page.EvaluateAsync<string[]>(FaintText.Script)).ShouldBeEmpty(state);
        (await visit.Page.EvaluateAsync<string[]>(DoubleIds)).ShouldBeEmpty(state);
    }

    private const string DoubleIds =
        "() => [...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, index, ids) => ids.indexOf(id) !== index)";

    /// <summary>The browser makes its accessibility tree behind the page's back; what has a name in the page has it there a moment later.</summary>
    private static async Task<List<string>> NamelessAfterAWhileAsync(IPage page)
    {
        const int Tries = 20;
        var nameless = await NamelessAsync(page);
        for (var tried = 1; tried < Tries && nameless.Count > 0; tried++)
        {
            await page.WaitForTimeoutAsync(250);
            nameless = await NamelessAsync(page);
        }

        return nameless;
    }

    /// <summary>The controls and places in the accessibility tree that have no name.</summary>
    private static async Task<List<string>> NamelessAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        var tree = (await session.SendAsync("Accessibility.getFullAXTree"))!.Value;
        await session.DetachAsync();
        return
        [
            .. tree.GetProperty("nodes")
                .EnumerateArray()
                .Where(node => !node.GetProperty("ignored").GetBoolean())
                .Where(node => Controls.Contains(Text(node, "role")) && Text(node, "name").Length == 0)
                .Select(node => node.ToString()),
        ];
    }

    private static string Text(JsonElement node, string property) =>
        node.TryGetProperty(property, out var value) && value.TryGetProperty("value", out var text) ? text.ToString().Trim() : "";
}
