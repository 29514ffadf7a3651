using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>English and Chinese.</summary>
public sealed class LanguageTests(Site site) : IClassFixture<Site>
{
    [BrowserTheory]
    [InlineData("zh-CN", "选择照片", "zh-CN")]
    [InlineData("zh-TW", "选择照片", "zh-CN")]
    [InlineData("en-US", "Choose photos", "en")]
    [InlineData("fr-FR", "Choose photos", "en")]
    public async Task The_browser_chooses_the_language(string locale, string button, string language)
    {
        await using var visit = await site.VisitAsync(new Visitor { Locale = locale });

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = button }).WaitForAsync();
        (await visit.Page.Locator("html").GetAttributeAsync("lang")).ShouldBe(language);
    }

    [BrowserFact]
    public async Task A_chosen_language_changes_everything_at_once_and_is_kept()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.RestoreAsync(Pictures.Photo());

        await page.Locator("#language").SelectOptionAsync("zh-CN");

        await page.GetByRole(AriaRole.Button, new() { Name = "下载", Exact = true }).WaitForAsync();
        await visit.Compare.GetByText("修复前").WaitForAsync();
        (await visit.Restore.TextContentAsync()).ShouldBe("重新修复");
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "下载", Exact = true }).WaitForAsync();
    }

    [BrowserFact]
    public async Task Errors_are_said_in_Chinese_with_the_servers_own_sentence_below()
    {
        await using var visit = await site.VisitAsync(new Visitor { Locale = "zh-CN" });
        visit.Expect(422);

        await visit.ChooseAsync(Pictures.Broken());

        await visit.Photos.GetByText("这张照片已损坏，无法读取。请换一份副本。").WaitForAsync();
        (await visit.Photos.Locator("[lang=en]").TextContentAsync()).ShouldNotBeNullOrEmpty();
    }

    [BrowserFact]
    public async Task Nothing_on_the_Chinese_page_is_left_in_English()
    {
        await using var visit = await site.VisitAsync(new Visitor { Locale = "zh-CN" });
        var page = visit.Page;
        await page.Locator("#advanced > summary").ClickAsync();
        foreach (var group in await page.Locator(".option-group").AllAsync())
        {
            await group.EvaluateAsync("group => group.open = true");
            var texts = await page.Locator("body").EvaluateAsync<string[]>(VisibleTexts);
            texts.Where(text => !text.Any(char.IsAsciiLetter) || IsName(text) || HasChinese(text)).ShouldBe(texts);
        }
    }

    private const string VisibleTexts = """
        body => {
          const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
          const texts = [];
          for (let node = walker.nextNode(); node; node = walker.nextNode())
            if (node.data.trim() && node.parentElement.checkVisibility()) texts.push(node.data.trim());
          return texts;
        }
        """;

    private static bool HasChinese(string text) => text.Any(letter => letter is >= '\u4e00' and <= '\u9fff');

    // Names stay as they are: the program's, languages', models', option names and values as on the command line.
    private static bool IsName(string text) =>
        text is "DiffBir" or "English" or "Small random networks" or "DiffBIR v1" or "DiffBIR v2" or "DiffBIR v2.1"
        || text is "Real-ESRGAN x4plus"
        || text.StartsWith("guidance-scale ", StringComparison.Ordinal)
        || !text.Contains(' ');
}
