using DiffBir.Packs;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>From a chosen photo to its result.</summary>
public sealed class RestoringTests(Site site) : IClassFixture<Site>
{
    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_photo_becomes_clear_while_stage_step_and_time_are_shown(bool isPhone)
    {
        await using var visit = await site.VisitAsync(isPhone ? Visitor.OnPhone : new Visitor());
        var page = visit.Page;
        await visit.TakeForeverAsync();

        await page.RunAndWaitForRequestAsync(
            () => visit.BeginAsync(Pictures.Photo()),
            request => request.Url.EndsWith("/intermediates/clean", StringComparison.Ordinal)
        );

        await visit.WaitForStepsAsync();
        (await page.Locator(".progress-stage").TextContentAsync()).ShouldBe("Bringing detail back");
        (await page.Locator(".progress-detail").TextContentAsync())!.ShouldContain("left");
        await page.Locator(".working:not([data-previews='0'], [data-previews='1'])").WaitForAsync();
        await visit.CancelAsync();
    }

    [BrowserFact]
    public async Task A_model_without_stage_2_has_no_dial()
    {
        await using var server = await site.StartAsync("alone", options => options with { Model = site.Stage1Alone() });
        await using var visit = await site.VisitAsync(address: server.Address);

        await visit.Restore.WaitForAsync();

        (await visit.Page.Locator("#dial").IsVisibleAsync()).ShouldBeFalse();
    }

    [BrowserFact]
    public async Task A_model_of_one_step_shows_only_the_options_that_it_has()
    {
        await using var server = await site.StartAsync("onestep", options => options with { Model = site.OneStep() });
        await using var oneStep = await site.VisitAsync(address: server.Address);
        await using var usual = await site.VisitAsync();
        await oneStep.Restore.WaitForAsync();
        await usual.Restore.WaitForAsync();

        (await oneStep.Page.Locator("#dial").IsVisibleAsync()).ShouldBeFalse();
        foreach (
            var (option, isOfOneStep, isUsual) in ((string, bool, bool)[])
                [("steps", false, true), ("posterior", true, false), ("prompt", true, true), ("pixel-scale", false, false)]
        )
        {
            (await IsOfferedAsync(oneStep.Page, option)).ShouldBe(isOfOneStep, option);
            (await IsOfferedAsync(usual.Page, option)).ShouldBe(isUsual, option);
        }

        static Task<bool> IsOfferedAsync(Microsoft.Playwright.IPage page, string option) =>
            page.Locator($".field:has(#option-{option})").EvaluateAsync<bool>("field => !field.hidden");
    }

    [BrowserFact]
    public async Task What_is_wrong_with_a_photo_is_asked_only_where_the_answer_changes_something()
    {
        await using var server = await site.StartAsync("tasks", options => options with { Model = site.WithTasksThatDiffer() });
        await using var different = await site.VisitAsync(address: server.Address);
        await using var same = await site.VisitAsync();

        await different.Restore.WaitForAsync();
        await same.Restore.WaitForAsync();

        (await different.Page.Locator("input[name=task]").First.IsVisibleAsync()).ShouldBeTrue();
        (await same.Page.Locator("input[name=task]").First.IsVisibleAsync()).ShouldBeFalse();
    }

    [BrowserFact]
    public async Task An_untouched_dial_shows_the_model_s_own_guidance_and_it_ends_at_the_strongest()
    {
        await using var server = await site.StartAsync("mini", options => options with { Model = PackCatalog.Mini });
        await using var visit = await site.VisitAsync(address: server.Address);
        var page = visit.Page;

        await page.GetByText("guidance-scale 12.5").WaitForAsync();
        await page.Locator("#dial").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await page.GetByText("guidance-scale 100").WaitForAsync();
        await page.ReloadAsync();

        await page.GetByText("guidance-scale 100").WaitForAsync();
        (await page.Locator("#dial").InputValueAsync()).ShouldBe("0");
    }

    [BrowserFact]
    public async Task A_result_says_what_became_of_the_photo()
    {
        await using var visit = await site.VisitAsync();

        await visit.RestoreAsync(Pictures.Photo());

        var facts = await visit.Page.Locator(".facts").TextContentAsync();
        facts!.ShouldStartWith("48 × 32 became 96 × 64 pixels. PNG, ");
    }

    [BrowserFact]
    public async Task A_result_shows_the_settings_that_made_it_and_they_can_be_used_again()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await page.GetByRole(AriaRole.Radio, new() { Name = "True to the photo" }).CheckAsync();
        await visit.SetOptionAsync("seed", "7");
        await visit.RestoreAsync(Pictures.Photo());
        await page.GetByRole(AriaRole.Radio, new() { Name = "As sharp as it gets" }).CheckAsync();
        await visit.SetOptionAsync("seed", "8");

        var made = page.Locator(".made-with");
        foreach (var setting in (string[])["Small random networks", "2×", "As faithful as possible (guidance-scale 1)", "Seed7"])
        {
            await made.Locator("dl > div", new() { HasText = setting }).WaitForAsync();
        }

        await made.GetByRole(AriaRole.Button, new() { Name = "Use these settings" }).ClickAsync();
        (await page.Locator("#option-seed").InputValueAsync()).ShouldBe("7");
        (await page.Locator("#dial").InputValueAsync()).ShouldBe("0");
    }

    [BrowserFact]
    public async Task Three_words_stand_for_positions_of_the_dial_and_the_middle_one_is_the_default()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        ILocator Preset(string name) => page.GetByRole(AriaRole.Radio, new() { Name = name, Checked = true });

        await Preset("Balanced").WaitForAsync();
        (await page.Locator("#dial").InputValueAsync()).ShouldBe("50");
        await page.GetByRole(AriaRole.Radio, new() { Name = "As sharp as it gets" }).CheckAsync();
        await page.Locator("#dial-text", new() { HasText = "The sharpest." }).WaitForAsync();
        await page.Locator("#dial").PressAsync("Home");
        await Preset("True to the photo").WaitForAsync();
        await page.Locator("#dial").PressAsync("ArrowRight");

        (await page.Locator("input[name=dial-preset]:checked").CountAsync()).ShouldBe(0, "it stands between them");
    }

    [BrowserFact]
    public async Task Pieces_of_the_photo_show_four_positions_of_the_dial_and_one_is_chosen_by_eye()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        var tryOut = page.GetByRole(AriaRole.Button, new() { Name = "Try four positions on this photo" });
        (await tryOut.IsVisibleAsync()).ShouldBeFalse("there is no photo");
        await visit.ChooseAsync(Pictures.Photo());

        await tryOut.ClickAsync();

        await page.Locator(".dial-sample:enabled").Nth(3).WaitForAsync();
        (await Visit.IsLoadedAsync(page.Locator(".dial-sample img").Last)).ShouldBeTrue();
        await page.Locator(".dial-sample").Last.ClickAsync();
        (await page.Locator("#dial").InputValueAsync()).ShouldBe("100");
        (await visit.Cards.CountAsync()).ShouldBe(0, "pieces are no photos");
        (await page.Locator(".dial-sample:enabled").CountAsync()).ShouldBe(4, "the dial is what they show");
    }

    [BrowserFact]
    public async Task Pieces_are_no_longer_made_when_the_photo_goes()
    {
        await using var visit = await site.VisitAsync();
        visit.Expect(404);
        var page = visit.Page;
        await visit.TakeForeverAsync();
        await visit.ChooseAsync(Pictures.Photo());

        var sent = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Try four positions on this photo" }).ClickAsync(),
            response => response.Status == 202
        );
        var id = (await sent.JsonAsync())!.Value.GetProperty("id").GetString();
        await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Take grandmother.png back" }).ClickAsync(),
            response => response.Request.Method == "DELETE" && response.Url.EndsWith(id!, StringComparison.Ordinal)
        );

        using var gone = await site.Http.GetAsync(new Uri(site.Address, $"api/restorations/{id}"));
        ((int)gone.StatusCode).ShouldBe(404);
    }

    [BrowserFact]
    public async Task The_models_say_what_they_are_for_under_which_license_and_how_long_this_photo_takes()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.RestoreAsync(Pictures.Photo());
        await page.Locator("#advanced > summary").ClickAsync();

        var own = page.Locator("label:has(input[name=model])", new() { HasText = "Small random networks" });
        await own.Filter(new() { HasText = "for this photo. License: Apache-2.0." }).WaitForAsync();
        await page.Locator(".model-others > summary").ClickAsync();
        var other = page.Locator(".model-others li", new() { HasText = "Real-ESRGAN x4plus" });
        await other.Filter(new() { HasText = "Enlarges by a network alone" }).WaitForAsync();
        (await page.Locator("body").InnerTextAsync()).ShouldNotContain("diffbir models pull");
    }

    [BrowserTheory]
    [InlineData(
        "en-GB",
        "Frame 1 of 2 is restored; the result does not move.",
        "Frame 2 of 2 is restored; the result does not move."
    )]
    [InlineData("zh-CN", "修复的是第 1 帧（共 2 帧）；结果不会动。", "修复的是第 2 帧（共 2 帧）；结果不会动。")]
    public async Task Of_an_animation_one_frame_is_restored_and_that_is_said(string locale, string first, string second)
    {
        await using var visit = await site.VisitAsync(new Visitor { Locale = locale });
        await visit.RestoreAsync(Pictures.Animation());
        await visit.Page.GetByText(first).WaitForAsync();

        await visit.SetOptionAsync("page", "2");
        await visit.Restore.ClickAsync();
        await visit.Page.GetByText(second).WaitForAsync();

        await visit.Cards.Nth(1).WaitForAsync();
    }

    [BrowserFact]
    public async Task A_size_can_be_asked_for_in_pixels_or_as_a_print()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.ChooseAsync(Pictures.Photo());
        await page.Locator("input[name=upscale][value=other]").CheckAsync();
        await page.Locator("#upscale-kind").SelectOptionAsync("cm");
        await page.GetByText("48 × 32 becomes 1772 × 1182 pixels.").WaitForAsync();
        await page.Locator("#upscale-kind").SelectOptionAsync("fit");
        await page.Locator("#size-width").FillAsync("60");
        await page.Locator("#size-height").FillAsync("60");
        await page.GetByText("48 × 32 becomes 60 × 40 pixels.").WaitForAsync();

        await visit.Restore.ClickAsync();

        await page.Locator(".facts", new() { HasText = "48 × 32 became 60 × 40 pixels." }).WaitForAsync();
        await page.Locator(".made-with", new() { HasText = "fit:60x60" }).WaitForAsync();
        await page.ReloadAsync();
        (await page.Locator("#size-width").InputValueAsync()).ShouldBe("60");
    }

    [BrowserFact]
    public async Task The_download_is_in_sight_as_soon_as_the_result_is()
    {
        await using var visit = await site.VisitAsync();
        await visit.RestoreAsync(Pictures.Photo());

        var box = (await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Download", Exact = true }).BoundingBoxAsync())!;

        (box.Y + box.Height).ShouldBeLessThan(800);
    }

    [BrowserFact]
    public async Task Several_photos_are_restored_one_after_the_other()
    {
        await using var visit = await site.VisitAsync();

        await visit.ChooseAsync(Pictures.Photo("first.png"), Pictures.Photo("second.png"));
        (await visit.Restore.TextContentAsync()).ShouldBe("Restore 2 photos");
        await visit.Restore.ClickAsync();

        await visit.Page.Locator(".job-card[data-state=done]").Nth(1).WaitForAsync();
        (await visit.Page.Locator("h1.job-title").TextContentAsync()).ShouldBe("first.png");
        (await visit.Cards.CountAsync()).ShouldBe(2);
    }

    [BrowserFact]
    public async Task A_sample_brings_the_settings_that_suit_it()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;

        await page.GetByRole(AriaRole.Button, new() { Name = "Hills" }).ClickAsync();

        await visit.Photos.WaitForAsync();
        (await page.Locator("input[name=task][value=denoise]").IsCheckedAsync()).ShouldBeTrue();
        (await page.Locator("input[name=upscale][value='2']").IsCheckedAsync()).ShouldBeTrue();
        await page.GetByText("48 × 32 becomes 96 × 64 pixels.").WaitForAsync();
        await page.Locator("h1:focus", new() { HasText = "Your photo" }).WaitForAsync();
    }

    [BrowserFact]
    public async Task A_restoration_can_be_cancelled_and_begun_again()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.TakeForeverAsync();
        var id = await visit.BeginAsync(Pictures.Photo());

        await visit.CancelAsync();

        (await site.GetAsync($"api/restorations/{id}")).GetProperty("state").GetString().ShouldBe("cancelled");
        (await visit.Cards.First.GetAttributeAsync("data-state")).ShouldBe("cancelled");
        await page.Locator("#advanced-reset").ClickAsync();
        await visit.Restore.ClickAsync();
        await visit.Compare.WaitForAsync();
        (await visit.Cards.CountAsync()).ShouldBe(2);
    }

    [BrowserFact]
    public async Task The_download_is_the_servers_result_byte_for_byte_in_the_photos_own_format()
    {
        await using var visit = await site.VisitAsync();
        var id = await visit.RestoreAsync(Pictures.Photo("grandmother.png"));

        var download = await visit.Page.RunAndWaitForDownloadAsync(() =>
            visit.Page.GetByRole(AriaRole.Button, new() { Name = "Download", Exact = true }).ClickAsync()
        );

        download.SuggestedFilename.ShouldBe("grandmother-restored.png");
        var expected = await site.Http.GetByteArrayAsync(new Uri(site.Address, $"api/restorations/{id}/result"));
        (await File.ReadAllBytesAsync(await download.PathAsync())).ShouldBe(expected);
    }

    [BrowserFact]
    public async Task The_dial_and_other_settings_are_sent_and_remembered()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;

        await page.Locator("#dial").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await page.GetByText("Nearly nothing is invented").WaitForAsync();
        var id = await visit.RestoreAsync(Pictures.Photo());

        var options = (await site.GetAsync($"api/restorations/{id}")).GetProperty("options");
        options.GetProperty("guidance-scale").GetString().ShouldBe("1");
        options.TryGetProperty("steps", out _).ShouldBeFalse("what is not changed is left to the model");
        await page.ReloadAsync();
        await page.GetByText("Nearly nothing is invented").WaitForAsync();
    }
}
