using System.IO.Compression;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>The jobs that a browser remembers.</summary>
public sealed class GalleryTests(Site site) : IClassFixture<Site>
{
    [BrowserFact]
    public async Task A_finished_job_is_found_again_after_a_reload()
    {
        await using var visit = await site.VisitAsync();
        await visit.RestoreAsync(Pictures.Photo("grandfather.png"));

        await visit.Page.GotoAsync("about:blank");
        await visit.Page.GotoAsync(site.Address.ToString());

        var card = visit.Cards.Filter(new() { HasText = "grandfather.png" });
        await card.WaitForAsync();
        (await Visit.IsLoadedAsync(card.Locator("img"))).ShouldBeTrue();
        await card.GetByRole(AriaRole.Link).ClickAsync();
        await visit.Compare.WaitForAsync();
    }

    [BrowserFact]
    public async Task A_running_job_goes_on_being_watched_after_a_reload()
    {
        await using var visit = await site.VisitAsync();
        await visit.TakeForeverAsync();
        await visit.BeginAsync(Pictures.Photo());
        await visit.WaitForStepsAsync();

        await visit.Page.ReloadAsync();

        await visit.WaitForStepsAsync();
        await visit.CancelAsync();
    }

    [BrowserFact]
    public async Task Deleting_a_job_deletes_it_on_the_server_after_a_question()
    {
        await using var visit = await site.VisitAsync();
        visit.Expect(404); // its small picture may be asked for while it is deleted
        var page = visit.Page;
        var id = await visit.RestoreAsync(Pictures.Photo("old.png"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete old.png" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep" }).ClickAsync();
        (await visit.Cards.CountAsync()).ShouldBe(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete old.png" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();

        await page.GetByText("Give a photo its detail back").WaitForAsync();
        (await visit.Cards.CountAsync()).ShouldBe(0);
        using var response = await site.Http.GetAsync(new Uri(site.Address, $"api/restorations/{id}"));
        ((int)response.StatusCode).ShouldBe(404);
    }

    [BrowserFact]
    public async Task All_jobs_can_be_deleted_at_once()
    {
        await using var visit = await site.VisitAsync();
        visit.Expect(404); // their small pictures, and the first one's events, may be asked for while they are deleted
        var page = visit.Page;
        await visit.ChooseAsync(Pictures.Photo("first.png"), Pictures.Photo("second.png"));
        await visit.Restore.ClickAsync();
        await visit.Cards.Nth(1).WaitForAsync();

        await DeleteAll(page).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete all" }).ClickAsync();

        await page.Locator("#gallery").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await page.ReloadAsync();
        (await visit.Cards.CountAsync()).ShouldBe(0);
    }

    [BrowserFact]
    public async Task All_results_are_downloaded_as_one_zip_by_a_button_away_from_the_one_that_deletes()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.ChooseAsync(Pictures.Photo("first.png"), Pictures.Photo("second.png"));
        await visit.Restore.ClickAsync();
        await page.Locator(".job-card[data-state=done]").Nth(1).WaitForAsync();
        var all = page.GetByRole(AriaRole.Button, new() { Name = "Download all" });
        var (save, delete) = ((await all.BoundingBoxAsync())!, (await DeleteAll(page).BoundingBoxAsync())!);
        (delete.Y - save.Y).ShouldBeGreaterThan(100);

        var download = await page.RunAndWaitForDownloadAsync(() => all.ClickAsync());

        download.SuggestedFilename.ShouldBe("diffbir.zip");
        using var zip = ZipFile.OpenRead(await download.PathAsync());
        zip.Entries.Select(entry => entry.Name).ShouldBe(["second-restored.png", "first-restored.png"]);
    }

    private static ILocator DeleteAll(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Delete all" });

    [BrowserFact]
    public async Task A_job_that_the_server_has_forgotten_says_so()
    {
        await using var visit = await site.VisitAsync();
        visit.Expect(404);
        var id = await visit.RestoreAsync(Pictures.Photo("expired.png"));
        using var response = await site.Http.DeleteAsync(new Uri(site.Address, $"api/restorations/{id}"));
        response.EnsureSuccessStatusCode();

        await visit.Page.ReloadAsync();

        await visit.Page.GetByText("The server has deleted this photo and its result").WaitForAsync();
        await visit.Cards.GetByText("No longer on the server").WaitForAsync();
        (await visit.Restore.IsDisabledAsync()).ShouldBeTrue();
    }
}
