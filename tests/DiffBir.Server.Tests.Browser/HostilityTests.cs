using System.Text.Json;
using DiffBir.Bench;
using DiffBir.Packs;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>Names and prompts that would like to be more than text.</summary>
public sealed class HostilityTests(Site site) : IClassFixture<Site>
{
    private const string Image = "<img src=x onerror=window.hacked=1>";
    private const string Script = "\"><script>window.hacked=1</script>";
    private const string Backwards = "holiday\u202Egnp.exe";
    private const string Isolated = "\u2067\u0007photo\u2066.png";
    private const string Placeholder = "{count} {name} $& $1.png";

    /// <summary>What no text on the page may hold: it would turn the direction of what stands around it.</summary>
    private const string Turns = @"/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u";

    [BrowserTheory]
    [InlineData($"{Image}.png", $"{Image}.png", "img src=x onerror=window.hacked=1.png")]
    [InlineData($"{Script}.png", $"{Script}.png", "script.png")]
    [InlineData(Backwards, "holidaygnp.exe", "holidaygnp.exe")]
    [InlineData(Isolated, "photo.png", "photo.png")]
    [InlineData(Placeholder, Placeholder, Placeholder)]
    [InlineData("תמונה של סבתא.png", "תמונה של סבתא.png", "תמונה של סבתא.png")]
    public async Task A_files_name_is_text_wherever_it_stands(string name, string chosen, string kept)
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;

        await visit.ChooseAsync(Pictures.Photo(name));

        (await visit.Photos.Locator(".photo-name").TextContentAsync()).ShouldBe(chosen);
        (await visit.Photos.GetByRole(AriaRole.Button).GetAttributeAsync("aria-label"))!.ShouldContain(chosen);
        await ShouldBeTextAsync(page);
        await visit.Restore.ClickAsync();
        await visit.Compare.WaitForAsync();
        (await page.Locator(".job-title").TextContentAsync()).ShouldBe(kept);
        var card = visit.Cards.Filter(new() { HasText = kept });
        (await card.Locator(".card-name").TextContentAsync()).ShouldBe(kept);
        await card.GetByRole(AriaRole.Button).ClickAsync();
        (await page.Locator("#confirm-text").TextContentAsync())!.ShouldContain(kept);
        await ShouldBeTextAsync(page);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByText("Give a photo its detail back").WaitForAsync();
        await ShouldBeTextAsync(page);
    }

    [BrowserTheory]
    [InlineData($"{Image}.png")]
    [InlineData(Backwards)]
    public async Task The_servers_sentence_about_a_file_is_text(string name)
    {
        await using var visit = await site.VisitAsync();
        visit.Expect(422);

        await visit.ChooseAsync(Pictures.Broken(name));

        await visit.Photos.Filter(new() { HasText = "damaged" }).GetByRole(AriaRole.Alert).WaitForAsync();
        await ShouldBeTextAsync(visit.Page);
    }

    [BrowserTheory]
    [InlineData(Image)]
    [InlineData(Script)]
    [InlineData("\u202Ereversed\u2066 {count} $&")]
    public async Task A_prompt_is_text(string prompt)
    {
        await using var visit = await site.VisitAsync();
        await visit.SetOptionAsync("prompt", prompt);

        var id = await visit.RestoreAsync(Pictures.Photo());

        var job = await site.GetAsync($"api/restorations/{id}");
        job.GetProperty("options").GetProperty("prompt").GetString().ShouldBe(prompt);
        await ShouldBeTextAsync(visit.Page);
        await visit.Page.ReloadAsync();
        await visit.Compare.WaitForAsync();
        await ShouldBeTextAsync(visit.Page);
    }

    [BrowserFact]
    public async Task What_another_program_called_its_photo_is_text()
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Pictures.Photo().Buffer), "image", $"{Image}\u202Egnp.exe" },
            { new StringContent(Script), "prompt" },
        };
        using var response = await site.Http.PostAsync(new Uri(site.Address, "api/restorations"), form);
        var job = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        await using var visit = await site.VisitAsync();

        await visit.Page.GotoAsync($"{site.Address}#/jobs/{job.GetProperty("id").GetString()}");

        await visit.Compare.WaitForAsync();
        (await visit.Page.Locator(".job-title").TextContentAsync()).ShouldBe("img src=x onerror=window.hacked=1gnp.exe");
        await ShouldBeTextAsync(visit.Page);
    }

    [BrowserFact]
    public async Task What_a_model_says_of_itself_is_text()
    {
        using var folder = new TemporaryFolder();
        TinyPack.Write(folder.Path);
        PackReader.Write(PackReader.Read(folder.Path) with { Title = Image, License = $"{Script} CC0" }, folder.Path);
        await using var server = await site.StartAsync("hostile-model", options => options with { Model = folder.Path });
        await using var visit = await site.VisitAsync(address: server.Address);

        var model = visit.Page.Locator("label:has(input[name=model])").Filter(new() { HasText = Image });

        await model.Filter(new() { HasText = Script }).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await ShouldBeTextAsync(visit.Page);
    }

    /// <summary>Nothing has become markup or a program, and nothing turns the direction of the page's words.</summary>
    private static async Task ShouldBeTextAsync(IPage page)
    {
        (await page.EvaluateAsync<bool>("'hacked' in window")).ShouldBeFalse();
        (await page.Locator("img[src=x], body script, [onerror]").CountAsync()).ShouldBe(0);
        var turned = await page.EvaluateAsync<string[]>(
            $$"""
            () => {
              const turns = {{Turns}};
              const found = [];
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const node = walker.currentNode;
                if (node.nodeType === Node.TEXT_NODE) {
                  if (turns.test(node.data)) found.push(node.data);
                } else {
                  for (const { name, value } of node.attributes) if (turns.test(value)) found.push(`${name}=${value}`);
                }
              }
              return found;
            }
            """
        );
        turned.ShouldBeEmpty();
    }
}
