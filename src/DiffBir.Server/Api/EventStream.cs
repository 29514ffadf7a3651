using System.Text.Json;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Api;

/// <summary>Tells a client what happens to a job, as server-sent events. Who reads slowly is told less often, never something old.</summary>
internal sealed class EventStream(JobBoard board, JobViews views, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const string Job = "job";
    private const string Progress = "progress";
    private const string Preview = "preview";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes events until the job comes to its end or the client leaves.</summary>
    /// <exception cref="UnknownJobException">There is no such job.</exception>
    public async Task WriteAsync(JobId id, HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        if (board.Find(id) is null) // before the response begins
        {
            throw new UnknownJobException();
        }

        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no"; // proxies would collect events
        try
        {
            await SendAsync(id, response, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The client left or the server stops.
        }
    }

    private async Task SendAsync(JobId id, HttpResponse response, CancellationToken cancellation)
    {
        var number = 0L;
        JobView? told = null;
        ProgressView? toldProgress = null;
        int? toldPreview = null;
        while (true)
        {
            var queueChanged = board.QueueChanged.Next;
            var jobChanged = board.Find(id)?.Live?.Changed.Next;
            if (board.Find(id) is not { } status)
            {
                return; // deleted
            }

            var view = views.Of(status);
            if (told is null || IsNews(told, view))
            {
                await WriteAsync(response, ++number, Job, view, cancellation);
                told = view;
            }

            if (view.Finished is not null)
            {
                return;
            }

            if (view.Progress is { } progress && progress != toldProgress)
            {
                await WriteAsync(response, ++number, Progress, progress, cancellation);
                toldProgress = progress;
            }

            if (view.PreviewStep is { } step && step != toldPreview)
            {
                var url = $"/api/restorations/{view.Id}/intermediates/preview";
                await WriteAsync(response, ++number, Preview, new PreviewView(url, step), cancellation);
                toldPreview = step;
            }

            await response.Body.FlushAsync(cancellation);
            await WaitAsync(response, queueChanged, jobChanged, cancellation);
        }
    }

    private async Task WaitAsync(HttpResponse response, Task queueChanged, Task? jobChanged, CancellationToken cancellation)
    {
        var change = jobChanged is null ? queueChanged : Task.WhenAny(queueChanged, jobChanged);
        while (true)
        {
            try
            {
                await change.WaitAsync(Heartbeat, time, cancellation);
                break;
            }
            catch (TimeoutException)
            {
                await response.WriteAsync(": still here\n\n", cancellation);
                await response.Body.FlushAsync(cancellation);
            }
        }

        await Task.Delay(BetweenProgress, time, cancellation);
    }

    /// <summary>Whether more changed than how far it is.</summary>
    private static bool IsNews(JobView told, JobView now) =>
        told.State != now.State || told.Position != now.Position || told.Intermediates.Count != now.Intermediates.Count;

    private static async Task WriteAsync<T>(
        HttpResponse response,
        long number,
        string name,
        T data,
        CancellationToken cancellation
    )
    {
        var json = JsonSerializer.Serialize(data, ApiJson.Options);
        await response.WriteAsync($"id: {number}\nevent: {name}\ndata: {json}\n\n", cancellation);
    }
}
