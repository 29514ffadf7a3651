using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>Takes the pictures of the page that the README shows, from a server that runs with a real model.</summary>
public sealed class ScreenshotTests(Site site) : IClassFixture<Site>
{
    /// <summary>The most bytes of a picture in the repository.</summary>
    private const long MaxBytes = 500_000;

    private static readonly string Folder = Path.Combine(WorkingCopy.Folder, "docs", "images");

    private static readonly Visitor OnDarkPhone = Visitor.OnPhone with { IsDark = true };

    [ScreenshotFact]
    [Trait("Category", "Slow")]
    public async Task The_pictures_of_the_README_are_taken_anew()
    {
        await TakeAsync("page-desktop.png", new Visitor());
        await TakeAsync("page-phone.png", OnDarkPhone);
    }

    private async Task TakeAsync(string name, Visitor visitor)
    {
        var path = Path.Combine(Folder, name);
        await using var visit = await site.VisitAsync(visitor, ScreenshotFactAttribute.Address);
        if (ScreenshotFactAttribute.Photo is { } photo)
        {
            visit.Page.SetDefaultTimeout(0); // a real model takes its time
            await visit.Page.Locator("input[type=file]").SetInputFilesAsync(photo);
            await visit.Restore.ClickAsync();
            await visit.Compare.WaitForAsync();
            await visit.Page.Locator(".card-picture").WaitForAsync();
        }
        else
        {
            await visit.Restore.WaitForAsync();
        }

        await visit.Page.Mouse.MoveAsync(0, 0);
        await visit.Page.ScreenshotAsync(new() { Path = path });
        new FileInfo(path).Length.ShouldBeLessThan(MaxBytes);
    }
}
