using System.Globalization;

namespace DiffBir.Server.Tests.Browser.Support;

/// <summary>Who visits the page, and with what.</summary>
public sealed record Visitor
{
    /// <summary>The browser's language.</summary>
    public string Locale { get; init; } = "en-GB";

    /// <summary>The window's width in CSS pixels.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>The window's height in CSS pixels.</summary>
    public int Height { get; init; } = 800;

    /// <summary>Whether fingers are used.</summary>
    public bool HasTouch { get; init; }

    /// <summary>Whether the system is dark.</summary>
    public bool IsDark { get; init; }

    /// <summary>Pixels of the screen for one of CSS.</summary>
    public float Density { get; init; } = 1;

    /// <summary>A phone.</summary>
    public static Visitor OnPhone { get; } =
        new()
        {
            Width = 390,
            Height = 844,
            HasTouch = true,
        };
}

/// <summary>
/// One visitor's stay on the page, with storage of its own. At its end nothing may have gone wrong that no test expected: no
/// error in the console, no breach of the content security policy, no request to anybody else.
/// </summary>
public sealed class Visit : IAsyncDisposable
{
    private const string ReportBreaches =
        "addEventListener('securitypolicyviolation', e => console.error(`Policy: ${e.violatedDirective} ${e.blockedURI}`))";

    /// <summary>The last preview may be gone before it is fetched: the result is there by then.</summary>
    private const string LatePreview = "/intermediates/preview";

    private readonly IBrowserContext _context;
    private readonly Uri _address;
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _expected = [];
    private readonly List<string> _begun = [];

    private Visit(IBrowserContext context, IPage page, Uri address)
    {
        (_context, Page, _address) = (context, page, address);
        page.Console += (_, message) =>
        {
            var isLatePreview = message.Location.Contains(LatePreview, StringComparison.Ordinal);
            if (message.Type is "error" or "warning" && !isLatePreview)
            {
                _problems.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _problems.Add(error);
        page.Request += (_, request) =>
        {
            if (!IsOwn(request.Url))
            {
                _problems.Add($"A request to {request.Url}");
            }
        };
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The settings' button: restore, or restore again.</summary>
    public ILocator Restore => Page.Locator("#restore");

    /// <summary>The two pictures with the line between them.</summary>
    public ILocator Compare => Page.Locator(".compare");

    /// <summary>The line between the two pictures.</summary>
    public ILocator Handle => Compare.GetByRole(AriaRole.Slider);

    /// <summary>The jobs in the gallery.</summary>
    public ILocator Cards => Page.Locator(".job-card");

    /// <summary>The photos that are chosen.</summary>
    public ILocator Photos => Page.Locator(".photo");

    /// <summary>Opens the page.</summary>
    public static async Task<Visit> StartAsync(IBrowser browser, Uri address, Visitor visitor)
    {
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                Locale = visitor.Locale,
                ViewportSize = new ViewportSize { Width = visitor.Width, Height = visitor.Height },
                HasTouch = visitor.HasTouch,
                IsMobile = visitor.HasTouch,
                ColorScheme = visitor.IsDark ? ColorScheme.Dark : ColorScheme.Light,
                DeviceScaleFactor = visitor.Density,
                ReducedMotion = ReducedMotion.Reduce,
            }
        );
        context.SetDefaultTimeout(60_000); // the machine may be busy; nothing waits longer than it must
        await context.AddInitScriptAsync(ReportBreaches);
        var visit = new Visit(context, await context.NewPageAsync(), address);
        await visit.Page.GotoAsync(address.ToString());
        await visit.Page.Locator("html[lang]").WaitForAsync();
        return visit;
    }

    /// <summary>Lets the page be told about an HTTP status without that being a fault.</summary>
    public void Expect(int status) => _expected.Add(string.Create(CultureInfo.InvariantCulture, $"status of {status}"));

    /// <summary>Lets the connection break without that being a fault.</summary>
    public void ExpectBrokenConnection() => _expected.Add("net::ERR_");

    /// <summary>Chooses photos from the disk.</summary>
    public Task ChooseAsync(params FilePayload[] photos) => Page.Locator("input[type=file]").SetInputFilesAsync(photos);

    /// <summary>Chooses a photo, restores it and waits for the result.</summary>
    /// <returns>The job's id.</returns>
    public async Task<string> RestoreAsync(FilePayload photo)
    {
        var id = await BeginAsync(photo);
        await Compare.WaitForAsync();
        return id;
    }

    /// <summary>Chooses a photo and begins to restore it.</summary>
    /// <returns>The job's id.</returns>
    public async Task<string> BeginAsync(FilePayload photo)
    {
        await ChooseAsync(photo);
        await Restore.ClickAsync();
        await Page.Locator("#job").WaitForAsync();
        var id = Page.Url[(Page.Url.LastIndexOf('/') + 1)..];
        _begun.Add(id);
        return id;
    }

    /// <summary>Sets a number or text under "Advanced".</summary>
    public async Task SetOptionAsync(string name, string value)
    {
        if (await Page.Locator("#advanced").GetAttributeAsync("open") is null)
        {
            await Page.Locator("#advanced > summary").ClickAsync();
        }

        var field = Page.Locator($"#option-{name}");
        if (!await field.IsVisibleAsync())
        {
            await Page.Locator($".option-group:has(#option-{name}) > summary").ClickAsync();
        }

        await field.FillAsync(value);
    }

    /// <summary>Makes restorations take so long that they run until they are cancelled.</summary>
    public async Task TakeForeverAsync()
    {
        await SetOptionAsync("steps", "1000");
        await SetOptionAsync("guidance-repeat", "100");
        await Page.Locator("#dial").FocusAsync();
        await Page.Keyboard.PressAsync("Home");
    }

    /// <summary>Waits until a restoration that takes forever is under way.</summary>
    public Task WaitForStepsAsync() => Page.GetByText("of 1000").WaitForAsync();

    /// <summary>Cancels the job that is shown.</summary>
    public async Task CancelAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Page.GetByText("You cancelled this one.").WaitForAsync();
    }

    /// <summary>Whether an image is loaded and not empty.</summary>
    public static Task<bool> IsLoadedAsync(ILocator image) =>
        image.EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)");

    /// <summary>Ends the visit; nothing unexpected may have happened.</summary>
    public async ValueTask DisposeAsync()
    {
        await CancelLeftoversAsync();
        await _context.DisposeAsync();
        _problems.Where(problem => !_expected.Any(problem.Contains)).ShouldBeEmpty();
    }

    /// <summary>What a failed test left running would keep the next ones waiting.</summary>
    private async Task CancelLeftoversAsync()
    {
        foreach (var id in _begun)
        {
            try
            {
                var path = new Uri(_address, $"api/restorations/{id}/cancel").ToString();
                await _context.APIRequest.PostAsync(path);
            }
            catch (PlaywrightException)
            {
                // A server of the test's own has ended, and its jobs with it.
            }
        }
    }

    private bool IsOwn(string url) =>
        url.StartsWith(_address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
        || url.StartsWith("blob:", StringComparison.Ordinal)
        || url.StartsWith("data:", StringComparison.Ordinal);
}
