using DiffBir.Options;

namespace DiffBir.Server.Api;

/// <summary>The stable names of what can go wrong; the page translates them.</summary>
internal static class ErrorCode
{
    public const string OptionInvalid = "option-invalid";
    public const string UploadBroken = "upload-broken";
    public const string ImageTooLarge = "image-too-large";
    public const string NotAnImage = "not-an-image";
    public const string ImageBroken = "image-broken";
    public const string ModelUnavailable = "model-unavailable";
    public const string QueueFull = "queue-full";
    public const string DiskFull = "disk-full";
    public const string StorageUnavailable = "storage-unavailable";
    public const string ShuttingDown = "shutting-down";
    public const string NotFound = "not-found";
    public const string NotReady = "not-ready";
    public const string Unauthorized = "unauthorized";
    public const string HostNotAllowed = "host-not-allowed";
    public const string CrossSite = "cross-site";
    public const string OutOfMemory = "out-of-memory";
    public const string TimeLimit = "time-limit";
    public const string Interrupted = "interrupted";
    public const string BadRequest = "bad-request";
    public const string Internal = "internal";
}

/// <summary>A request that is answered with an error.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">One of <see cref="ErrorCode"/>.</param>
/// <param name="detail">A sentence for whoever sent it, with the remedy.</param>
internal sealed class ApiException(int status, string code, string detail) : DiffBirException(detail)
{
    public int Status => status;

    public string Code => code;

    /// <summary>The option that is wrong, without dashes.</summary>
    public string? Option { get; init; }

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ApiException NotFound(string detail = "There is no such restoration; it may have expired or been deleted.") =>
        new(StatusCodes.Status404NotFound, ErrorCode.NotFound, detail);

    public static ApiException BadOption(OptionException wrong) =>
        new(StatusCodes.Status400BadRequest, ErrorCode.OptionInvalid, wrong.Message) { Option = wrong.Option };
}
