using DiffBir.Options;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Safety;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Api;

/// <summary>What each exception is to a client: the one place where errors get an HTTP status and a stable name.</summary>
internal static class ErrorTable
{
    private static readonly TimeSpan StorageRetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>The answer; null where the fault is the server's own and its message nobody else's business.</summary>
    public static ApiError? Find(Exception error) =>
        error switch
        {
            ApiException own => own.Error,
            OptionException wrong => new(400, ErrorCode.OptionInvalid, wrong.Message) { Option = wrong.Option },
            UnknownJobException => new(404, ErrorCode.NotFound, error.Message),
            ModelUnavailableException => new(503, ErrorCode.ModelUnavailable, error.Message),
            OverloadException overload => Of(overload),
            AccessException access => Of(access),
            UploadException { InnerException: BadHttpRequestException bad } => Of(bad.StatusCode),
            UploadException upload => Of(upload),
            BadHttpRequestException bad => Of(bad.StatusCode),
            StorageException storage => Of(storage),
            _ => StorageException.FullBehind(error) is { } full ? Of(full) : null,
        };

    /// <summary>What a status of the web server itself means.</summary>
    public static ApiError Of(int status) =>
        status switch
        {
            404 => new(status, ErrorCode.NotFound, "There is nothing here."),
            405 => new(status, ErrorCode.BadRequest, "This address does not take requests of this method."),
            408 => new(status, ErrorCode.UploadBroken, "The upload was too slow. Try again over a better connection."),
            413 => new(status, ErrorCode.ImageTooLarge, "The upload is too large. Send a smaller file."),
            _ => new(status, ErrorCode.BadRequest, "The request cannot be understood."),
        };

    private static ApiError Of(OverloadException overload)
    {
        var (status, code) = overload.What switch
        {
            Overload.Queue => (429, ErrorCode.QueueFull),
            _ => (503, ErrorCode.DiskFull),
        };
        return new(status, code, overload.Message) { RetryAfter = overload.RetryAfter };
    }

    private static ApiError Of(StorageException storage) =>
        storage.Problem switch
        {
            StorageProblem.Full => new(507, ErrorCode.DiskFull, storage.Message),
            _ => new(503, ErrorCode.StorageUnavailable, storage.Message) { RetryAfter = StorageRetryAfter },
        };

    private static ApiError Of(AccessException access)
    {
        var (status, code) = access.Problem switch
        {
            AccessProblem.NoKey => (401, ErrorCode.Unauthorized),
            AccessProblem.OtherSite => (403, ErrorCode.CrossSite),
            _ => (421, ErrorCode.HostNotAllowed),
        };
        return new(status, code, access.Message);
    }

    private static ApiError Of(UploadException upload)
    {
        var (status, code) = upload.Problem switch
        {
            UploadProblem.NoForm => (415, ErrorCode.UploadBroken),
            UploadProblem.NoImage => (415, ErrorCode.NotAnImage),
            UploadProblem.TooLarge => (413, ErrorCode.ImageTooLarge),
            UploadProblem.BrokenImage => (422, ErrorCode.ImageBroken),
            _ => (400, ErrorCode.UploadBroken),
        };
        return new(status, code, upload.Message);
    }
}
