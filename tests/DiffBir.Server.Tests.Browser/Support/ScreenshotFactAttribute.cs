namespace DiffBir.Server.Tests.Browser.Support;

/// <summary>
/// A fact that writes pictures into the repository; only done on demand. DIFFBIR_PAGE is the address of a server that runs,
/// DIFFBIR_PHOTO a photo to restore with it; without the photo the page is shown as it opens.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ScreenshotFactAttribute : FactAttribute
{
    public ScreenshotFactAttribute() =>
        Skip =
            Chromium.Path is null ? Chromium.MissingMessage
            : Address is null ? "Set DIFFBIR_PAGE to the address of a running `diffbir serve`, and DIFFBIR_PHOTO to a photo."
            : null;

    /// <summary>The server; null where no pictures are wanted.</summary>
    public static Uri? Address { get; } = Environment.GetEnvironmentVariable("DIFFBIR_PAGE") is { } address ? new(address) : null;

    /// <summary>The photo's path; null for none.</summary>
    public static string? Photo { get; } = Environment.GetEnvironmentVariable("DIFFBIR_PHOTO");
}
