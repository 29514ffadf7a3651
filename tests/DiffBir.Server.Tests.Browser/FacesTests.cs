using System.Text.Json;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>Faces in a photo: marked, switched off, dragged, and looked at when they are restored.</summary>
public sealed class FacesTests(Site site) : IClassFixture<Site>
{
    [BrowserFact]
    public async Task Faces_are_marked_by_hand_where_the_server_cannot_find_them()
    {
        await using var server = await site.StartAsync(
            "faces",
            options => options with { Model = site.WithFaces(), FaceCascade = "off" }
        );
        await using var visit = await site.VisitAsync(address: server.Address);
        var page = visit.Page;
        await visit.SetOptionAsync("steps", "1");
        await page.GetByRole(AriaRole.Radio, new() { Name = "As sharp as it gets" }).CheckAsync(); // guidance takes its time
        await visit.ChooseAsync(Pictures.Photo());
        await page.Locator("#faces").CheckAsync();

        await visit.Restore.ClickAsync();
        await page.Locator(".photo .message.error", new() { HasText = "mark them" }).WaitForAsync();

        await page.Locator(".photo-faces").ClickAsync();
        await page.Locator("#faces-dialog[open]").WaitForAsync();
        await page.GetByText("Add a face").Last.ClickAsync();
        await page.GetByText("Add a face").Last.ClickAsync();
        (await page.Locator(".face").CountAsync()).ShouldBe(2);

        // One is switched off from the keyboard, of the other one eye is dragged.
        await page.Locator(".face-frame").Last.PressAsync(" ");
        (await page.Locator(".face-frame").Last.GetAttributeAsync("aria-checked")).ShouldBe("false");
        var eye = page.Locator(".face-point").First;
        var before = await PlaceAsync(eye);
        var box = (await eye.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width / 2) - 12, box.Y + (box.Height / 2), new() { Steps = 3 });
        await page.Mouse.UpAsync();
        (await PlaceAsync(eye)).ShouldBeLessThan(before);

        await page.GetByText("Done").ClickAsync();
        await page.Locator(".photo-faces", new() { HasText = "1 face" }).WaitForAsync();
        await visit.Restore.ClickAsync();

        // The result is compared as a whole, then the face alone.
        await LookAtAsync(1);
        (await page.GetByText("Face 2", new() { Exact = true }).CountAsync()).ShouldBe(0);
        var shown = page.Locator(".compare-picture").First;
        await page.WaitForFunctionAsync("() => document.querySelector('.compare-picture').naturalWidth === 512");
        (await shown.EvaluateAsync<int>("picture => picture.naturalHeight")).ShouldBe(512);
        await LookAtAsync(0);
        await page.WaitForFunctionAsync("() => document.querySelector('.compare-picture').naturalWidth !== 512");

        Task LookAtAsync(int face) => page.Locator($"input[name=face-pair][value='{face}']").DispatchEventAsync("click");

        static async Task<double> PlaceAsync(Microsoft.Playwright.ILocator point) =>
            double.Parse((await point.GetAttributeAsync("cx"))!, System.Globalization.CultureInfo.InvariantCulture);
    }

    [BrowserFact]
    public async Task Faces_that_the_server_finds_are_shown_and_can_be_switched_off()
    {
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        var landmarks = new[] { new[] { 10.0, 10 }, [20, 10], [15, 15], [11, 20], [19, 20] };
        await page.RouteAsync(
            "**/api/faces",
            route =>
                route.FulfillAsync(
                    new()
                    {
                        ContentType = "application/json",
                        Body = JsonSerializer.Serialize(
                            new
                            {
                                width = 96,
                                height = 96,
                                faces = new[]
                                {
                                    new
                                    {
                                        box = new[] { 5, 5, 25, 25 },
                                        score = 0.9,
                                        landmarks,
                                    },
                                },
                            }
                        ),
                    }
                )
        );
        await page.RouteAsync(
            "**/api/options",
            async route =>
            {
                var answer = await route.FetchAsync();
                var text = (await answer.TextAsync()).Replace(
                    "\"findsFaces\":false",
                    "\"findsFaces\":true",
                    StringComparison.Ordinal
                );
                await route.FulfillAsync(new() { Response = answer, Body = text });
            }
        );
        await page.RouteAsync(
            "**/api/models",
            async route =>
            {
                var answer = await route.FetchAsync();
                var text = (await answer.TextAsync()).Replace(
                    "[\"sr\",\"denoise\"]",
                    "[\"sr\",\"denoise\",\"face\"]",
                    StringComparison.Ordinal
                );
                await route.FulfillAsync(new() { Response = answer, Body = text });
            }
        );
        await page.ReloadAsync();
        await visit.ChooseAsync(Pictures.Photo());
        await page.Locator("#faces").CheckAsync();

        await page.Locator(".photo-faces").ClickAsync();

        await page.Locator(".face-frame")
            .ClickAsync(
                new()
                {
                    Position = new() { X = 3, Y = 3 },
                }
            );
        (await page.Locator(".face-frame").GetAttributeAsync("aria-checked")).ShouldBe("false");
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".photo-faces", new() { HasText = "0 faces" }).WaitForAsync();
    }

    [BrowserFact]
    public async Task A_model_that_knows_no_faces_offers_nothing_of_them()
    {
        await using var visit = await site.VisitAsync();
        await visit.Restore.WaitForAsync();

        (await visit.Page.Locator("#faces").IsVisibleAsync()).ShouldBeFalse();
    }
}
