using System.Text.Json;
using DiffBir.Server.Storage;

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

    /// <summary>The name of what made a job fail.</summary>
    public static string Of(JobErrorCode code) => JsonNamingPolicy.KebabCaseLower.ConvertName(code.ToString());
}
