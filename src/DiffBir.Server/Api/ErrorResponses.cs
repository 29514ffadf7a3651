using System.Net.Mime;
using System.Text.Json;
using DiffBir.Options;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace DiffBir.Server.Api;

/// <summary>Turns whatever goes wrong in a request into one <c>application/problem+json</c>. What was not meant for clients stays in the log.</summary>
internal sealed partial class ErrorResponses(RequestDelegate next, ILogger<ErrorResponses> log)
{
    private static readonly TimeSpan StorageRetryAfter = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null })
            {
                await WriteAsync(context, OfStatus(context.Response.StatusCode));
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to hear it.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, Explain(error));
        }
    }

    /// <summary>Writes an error as the whole response.</summary>
    public static async Task WriteAsync(HttpContext context, ApiException error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = MediaTypeNames.Application.ProblemJson;
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString();
        }

        // A client that still sends would have to be read to its end; closing is what it understands.
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            response.Headers.Connection = "close";
        }

        var problem = new Problem(
            error.Status,
            ReasonPhrases.GetReasonPhrase(error.Status),
            error.Message,
            error.Code,
            error.Option
        );
        await JsonSerializer.SerializeAsync(response.Body, problem, ApiJson.Options, context.RequestAborted);
    }

    private ApiException Explain(Exception error)
    {
        switch (error)
        {
            case ApiException known:
                return known;
            case OptionException wrong:
                return ApiException.BadOption(wrong);
            case OverloadException overload:
                return OfOverload(overload);
            case StorageException storage:
                return OfStorage(storage);
            case Exception when StorageException.FullBehind(error) is { } full:
                return OfStorage(full);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return OfStatus(StatusCodes.Status413PayloadTooLarge);
            case BadHttpRequestException bad:
                return OfStatus(bad.StatusCode);
            default:
                LogFailure(log, error);
                return new ApiException(
                    StatusCodes.Status500InternalServerError,
                    ErrorCode.Internal,
                    "Something went wrong in the server. Try again; if it happens again, whoever runs the server finds the reason in its log."
                );
        }
    }

    private static ApiException OfOverload(OverloadException overload) =>
        overload.What == Overload.Queue
            ? new(StatusCodes.Status429TooManyRequests, ErrorCode.QueueFull, overload.Message)
            {
                RetryAfter = overload.RetryAfter,
            }
            : new(StatusCodes.Status503ServiceUnavailable, ErrorCode.DiskFull, overload.Message)
            {
                RetryAfter = overload.RetryAfter,
            };

    private static ApiException OfStorage(StorageException storage) =>
        storage.Problem == StorageProblem.Full
            ? new(StatusCodes.Status507InsufficientStorage, ErrorCode.DiskFull, storage.Message)
            : new(StatusCodes.Status503ServiceUnavailable, ErrorCode.StorageUnavailable, storage.Message)
            {
                RetryAfter = StorageRetryAfter,
            };

    private static ApiException OfStatus(int status) =>
        status switch
        {
            StatusCodes.Status404NotFound => ApiException.NotFound("There is nothing here."),
            StatusCodes.Status405MethodNotAllowed => new(
                status,
                ErrorCode.BadRequest,
                "This address does not take requests of this method."
            ),
            StatusCodes.Status408RequestTimeout => new(
                status,
                ErrorCode.UploadBroken,
                "The upload was too slow. Try again over a better connection."
            ),
            StatusCodes.Status413PayloadTooLarge => new(
                status,
                ErrorCode.ImageTooLarge,
                "The upload is too large. Send a smaller file."
            ),
            _ => new(status, ErrorCode.BadRequest, "The request cannot be understood."),
        };

    [LoggerMessage(1, LogLevel.Error, "A request failed.")]
    private static partial void LogFailure(ILogger log, Exception error);
}
