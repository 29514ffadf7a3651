using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>Servers that are away for a while, and servers that want to know who asks.</summary>
public sealed class ConnectionTests(Site site) : IClassFixture<Site>
{
    private const string Key = "a-key-of-some-length";

    [BrowserFact]
    public async Task A_restarted_server_is_found_again_and_its_jobs_go_on()
    {
        var first = await site.StartAsync("restarted");
        var port = first.Address.Port;
        await using var visit = await site.VisitAsync(address: first.Address);
        visit.ExpectBrokenConnection();
        await visit.TakeForeverAsync();
        await visit.BeginAsync(Pictures.Photo());
        await visit.WaitForStepsAsync();

        await first.DisposeAsync();
        await visit.Page.GetByText("The server does not answer. Trying again…").WaitForAsync();
        await using var second = await site.StartAsync("restarted", options => options with { Port = port });

        await visit.Page.Locator("#banner").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await visit.WaitForStepsAsync();
        await visit.CancelAsync();
    }

    [BrowserFact]
    public async Task A_server_with_a_key_asks_for_it_until_it_is_right()
    {
        await using var server = await site.StartAsync("locked", options => options with { ApiKey = Key });
        await using var visit = await site.VisitAsync(address: server.Address);
        visit.Expect(401);
        var page = visit.Page;

        foreach (var attempt in (string[])["not-the-key-of-this-server", Key])
        {
            await page.GetByLabel("API key").FillAsync(attempt);
            await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Hills" }).WaitForAsync();
        await visit.RestoreAsync(Pictures.Photo());
        foreach (var picture in await visit.Compare.Locator("img").AllAsync())
        {
            (await Visit.IsLoadedAsync(picture)).ShouldBeTrue();
        }
    }
}
