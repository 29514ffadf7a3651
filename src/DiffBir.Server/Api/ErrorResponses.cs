using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace DiffBir.Server.Api;

/// <summary>Turns whatever goes wrong in a request into one <c>application/problem+json</c>. What was not meant for clients stays in the log.</summary>
internal sealed partial class ErrorResponses(RequestDelegate next, ILogger<ErrorResponses> log)
{
    private static readonly ApiError Fault = new(
        StatusCodes.Status500InternalServerError,
        ErrorCode.Internal,
        "Something went wrong in the server. Try again; if it happens again, whoever runs the server finds the reason in its log."
    );

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null })
            {
                await WriteAsync(context, ErrorTable.Of(context.Response.StatusCode));
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to hear it.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            if (ErrorTable.Find(error) is not { } known)
            {
                LogFailure(log, error);
                known = Fault;
            }

            await WriteAsync(context, known);
        }
    }

    /// <summary>Writes an error as the whole response.</summary>
    private static async Task WriteAsync(HttpContext context, ApiError error)
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

        var title = ReasonPhrases.GetReasonPhrase(error.Status);
        var problem = new Problem(error.Status, title, error.Detail, error.Code, error.Option);
        await JsonSerializer.SerializeAsync(response.Body, problem, ApiJson.Options, context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Error, "A request failed.")]
    private static partial void LogFailure(ILogger log, Exception error);
}
