using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>The ways in for photos, and what is kept out.</summary>
public sealed class IntakeTests(Site site) : IClassFixture<Site>
{
    // What a user's hand does cannot be done by a program; the events that it causes can.
    private const string Transfer = """
        async ({ event, name }) => {
          const sample = await (await fetch("/api/samples/hills")).blob();
          const transfer = new DataTransfer();
          transfer.items.add(new File([sample], name, { type: "image/png" }));
          const init = { bubbles: true, cancelable: true };
          const made = event === "paste"
            ? new ClipboardEvent("paste", { ...init, clipboardData: transfer })
            : new DragEvent(event, { ...init, dataTransfer: transfer });
          document.body.dispatchEvent(made);
        }
        """;

    [BrowserTheory]
    [InlineData("drop")]
    [InlineData("paste")]
    public async Task A_photo_can_be_dropped_or_pasted_anywhere(string way)
    {
        await using var visit = await site.VisitAsync();

        await visit.Page.EvaluateAsync(Transfer, new { @event = way, name = $"{way}.png" });

        await visit.Photos.GetByText($"{way}.png").WaitForAsync();
        (await visit.Restore.TextContentAsync()).ShouldBe("Restore photo");
    }

    [BrowserFact]
    public async Task A_photo_over_the_page_is_told_where_it_may_be_dropped()
    {
        await using var visit = await site.VisitAsync();

        await visit.Page.EvaluateAsync(Transfer, new { @event = "dragover", name = "photo.png" });

        await visit.Page.GetByText("Let go to add your photos").WaitForAsync();
    }

    [BrowserFact]
    public async Task A_photo_dropped_while_looking_at_a_result_is_the_next_one()
    {
        await using var visit = await site.VisitAsync();
        await visit.RestoreAsync(Pictures.Photo());

        await visit.Page.EvaluateAsync(Transfer, new { @event = "drop", name = "next.png" });

        await visit.Photos.GetByText("next.png").WaitForAsync();
    }

    [BrowserFact]
    public async Task Files_that_are_no_photos_are_told_at_once_and_the_button_counts_the_others()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;

        await visit.ChooseAsync(Pictures.NoPhoto("letter.png"), Pictures.Heic("IMG_1.HEIC"), Pictures.Photo("photo.png"));

        await visit
            .Photos.Filter(new() { HasText = "letter.png" })
            .GetByText("Use JPEG, PNG, WebP, TIFF, AVIF or GIF")
            .WaitForAsync();
        await visit.Photos.Filter(new() { HasText = "IMG_1.HEIC" }).GetByText("Export this one as JPEG").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore photo" }).ClickAsync();
        await visit.Compare.WaitForAsync();
        (await visit.Cards.CountAsync()).ShouldBe(1);
        (await visit.Photos.CountAsync()).ShouldBe(2, "the good photo is the server's now");
    }

    [BrowserFact]
    public async Task Photos_that_are_too_large_are_told_before_they_are_sent()
    {
        const int Limit = 1_000_000;
        const int MostPixels = 96 * 64;
        await using var server = await site.StartAsync(
            "limited",
            options => options with { MaxUploadBytes = Limit, MaxOutputPixels = MostPixels }
        );
        await using var visit = await site.VisitAsync(address: server.Address);
        var page = visit.Page;

        await visit.ChooseAsync(Pictures.Blank(Limit + 1), Pictures.Photo());

        await visit.Photos.GetByText("This photo is larger than the server allows.").WaitForAsync();
        await page.Locator("input[name=upscale][value='4']").CheckAsync();
        await visit.Photos.GetByText("The result would be larger than this server allows.").WaitForAsync();
        (await visit.Restore.IsDisabledAsync()).ShouldBeTrue();
        await page.Locator("input[name=upscale][value='2']").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore photo", Disabled = false }).WaitForAsync();
    }

    [BrowserFact]
    public async Task A_scan_that_the_browser_cannot_show_has_a_picture_before_it_is_sent()
    {
        await using var visit = await site.VisitAsync();

        await visit.ChooseAsync(Pictures.Tiff());

        // The browser tries the scan itself before the server's picture takes its place.
        await visit.Page.WaitForFunctionAsync("() => document.querySelector('.photo img')?.naturalWidth > 0");
    }

    [BrowserTheory]
    [InlineData("turned.jpg")]
    [InlineData("turned.tif")]
    public async Task A_photo_that_lies_in_its_file_is_shown_upright_before_and_after(string name)
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;

        await visit.ChooseAsync(Pictures.Turned(name));
        await page.WaitForFunctionAsync(IsUpright(".photo img"));
        await visit.Restore.ClickAsync();

        await page.Locator(".facts", new() { HasText = "32 × 48 became 64 × 96 pixels." }).WaitForAsync();
        await page.WaitForFunctionAsync(IsUpright(".compare img"));
        await page.WaitForFunctionAsync(IsUpright("img.card-picture"));

        static string IsUpright(string pictures) =>
            $"() => [...document.querySelectorAll('{pictures}')].map(i => i.naturalHeight > i.naturalWidth).join().match(/^true(,true)*$/)";
    }

    [BrowserFact]
    public async Task The_picker_offers_what_the_server_takes()
    {
        await using var visit = await site.VisitAsync();
        await visit.Page.Locator(".sample").WaitForAsync();

        var picker = await visit.Page.RunAndWaitForFileChooserAsync(() => visit.Page.Locator("#choose").ClickAsync());

        var accepted = (await picker.Element.GetAttributeAsync("accept"))!.Split(',');
        accepted.ShouldBeSubsetOf(
            "image/png,.png,image/jpeg,.jpg,.jpeg,.jpe,.jfif,image/webp,.webp,image/tiff,.tif,.tiff,image/avif,.avif,image/gif,.gif".Split(
                ','
            )
        );
        accepted.ShouldContain(".tiff");
        accepted.ShouldContain(".avif");
        (await visit.Page.Locator("#camera").IsVisibleAsync()).ShouldBeFalse();
    }

    [BrowserFact]
    public async Task A_phone_is_offered_its_camera_and_not_to_drop_or_paste()
    {
        await using var visit = await site.VisitAsync(Visitor.OnPhone);

        var picker = await visit.Page.RunAndWaitForFileChooserAsync(() => visit.Page.Locator("#camera").ClickAsync());

        (await picker.Element.GetAttributeAsync("capture")).ShouldBe("environment");
        (await visit.Page.GetByText("paste them").IsVisibleAsync()).ShouldBeFalse();
    }

    [BrowserFact]
    public async Task A_setting_that_is_not_possible_is_marked_and_nothing_is_sent()
    {
        await using var visit = await site.VisitAsync();
        await visit.ChooseAsync(Pictures.Photo());
        await visit.SetOptionAsync("steps", "0");

        await visit.Restore.ClickAsync();

        await visit.Page.GetByText("One of the settings is not possible.").WaitForAsync();
        var steps = visit.Page.Locator("#option-steps");
        (await steps.GetAttributeAsync("aria-invalid")).ShouldBe("true");
        (await steps.EvaluateAsync<bool>("field => field === document.activeElement")).ShouldBeTrue();
        (await visit.Cards.CountAsync()).ShouldBe(0);
    }

    [BrowserFact]
    public async Task A_full_queue_is_waited_for()
    {
        await using var server = await site.StartAsync("full", options => options with { MaxQueue = 1 });
        await using var visit = await site.VisitAsync(address: server.Address);
        visit.Expect(429);
        await visit.TakeForeverAsync();
        var photos = Enumerable.Range(1, 3).Select(number => Pictures.Photo($"photo-{number}.png"));

        await visit.ChooseAsync([.. photos]);
        await visit.Restore.ClickAsync();
        await visit.Page.GetByText("The queue is full. Trying again").First.WaitForAsync();
        foreach (var link in await visit.Cards.GetByRole(AriaRole.Link).AllAsync())
        {
            var id = (await link.GetAttributeAsync("href"))!.Split('/')[^1];
            using var response = await site.Http.PostAsync(
                new Uri(server.Address, $"api/restorations/{id}/cancel"),
                content: null
            );
            response.EnsureSuccessStatusCode();
        }

        await visit.Cards.Nth(2).WaitForAsync();
        (await visit.Photos.CountAsync()).ShouldBe(0);
    }
}
