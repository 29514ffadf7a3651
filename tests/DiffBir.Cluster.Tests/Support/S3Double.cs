using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using DiffBir.Cluster.S3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace DiffBir.Cluster.Tests.Support;

/// <summary>What a store does to a request instead of answering it.</summary>
internal enum S3Fault
{
    None,

    /// <summary>500, and nothing is done.</summary>
    Fails,

    /// <summary>503, as a store says that asks for less.</summary>
    SlowDown,

    /// <summary>It is done, but the answer is 500.</summary>
    LosesAnswer,

    /// <summary>409, and nothing is done: somebody else writes or deletes the same key.</summary>
    Conflicts,

    /// <summary>412, and nothing is done: something had the key, which is gone by the time one looks.</summary>
    Precedes,

    /// <summary>Nothing for longer than anybody waits.</summary>
    Hangs,

    /// <summary>The connection ends in the middle of the content.</summary>
    Cuts,
}

/// <summary>
/// A store of the S3 kind in memory, behind a port of this machine: writes on condition, pages of lists, and faults. It refuses
/// content that is not signed by its SHA-256, as the real ones do.
/// </summary>
internal sealed class S3Double : IDisposable
{
    /// <summary>When all objects were written.</summary>
    public static readonly DateTimeOffset Written = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Stored> _objects = [];
    private readonly ConcurrentDictionary<string, int> _requests = [];
    private readonly WebApplication _application;
    private int _number;

    public S3Double()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.Run(AnswerAsync);
        _application.StartAsync().GetAwaiter().GetResult();
    }

    public string Url => _application.Urls.First();

    /// <summary>The variables by which a program finds it.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL_S3"] = Url,
            ["AWS_REGION"] = "eu-central-1",
            ["AWS_ACCESS_KEY_ID"] = "name",
            ["AWS_SECRET_ACCESS_KEY"] = "password",
        };

    /// <summary>What happens to a request: its number from 1, its method, its key.</summary>
    public Func<int, string, string, S3Fault> Fault { get; set; } = (_, _, _) => S3Fault.None;

    /// <summary>How many objects are in a page of a list.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Whether objects are replaced whatever was asked for, as old stores do.</summary>
    public bool IgnoresConditions { get; init; }

    /// <summary>How many objects lie below any place, besides those that were put there: they are made up as they are listed.</summary>
    public int MadeUp { get; init; }

    /// <summary>How often it was asked, by method; lists are called LIST.</summary>
    public IReadOnlyDictionary<string, int> Requests => _requests;

    /// <summary>Who asks it, and waits for seconds instead of minutes.</summary>
    public S3Client Connect() =>
        new(() =>
            new AmazonS3Client(
                new BasicAWSCredentials("name", "secret"),
                S3Client.Configured(
                    new AmazonS3Config
                    {
                        ServiceURL = Url,
                        AuthenticationRegion = "us-east-1",
                        ForcePathStyle = true,
                        Timeout = Patience,
                    }
                )
            )
        );

    public IReadOnlyList<string> Keys(string bucket, string prefix) =>
        [
            .. _objects
                .Keys.Where(name => name.StartsWith($"{bucket}/{prefix}", StringComparison.Ordinal))
                .Select(name => name[$"{bucket}/{prefix}".Length..])
                .Order(StringComparer.Ordinal),
        ];

    public byte[] Content(string bucket, string key) => _objects[$"{bucket}/{key}"].Content;

    public void Put(string bucket, string key, byte[] content) => _objects[$"{bucket}/{key}"] = new Stored(content, []);

    public void Dispose() => _application.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = Uri.UnescapeDataString(target.Split('?')[0]).TrimStart('/');
        var (bucket, key) = path.IndexOf('/') is > 0 and var slash ? (path[..slash], path[(slash + 1)..]) : (path, "");
        var method = context.Request.Query.ContainsKey("list-type") ? "LIST" : context.Request.Method;
        _requests.AddOrUpdate(method, 1, (_, count) => count + 1);
        var fault = Fault(Interlocked.Increment(ref _number), method, key);
        switch (fault)
        {
            case S3Fault.Fails:
                await RefuseAsync(context, HttpStatusCode.InternalServerError, "InternalError");
                return;
            case S3Fault.SlowDown:
                await RefuseAsync(context, HttpStatusCode.ServiceUnavailable, "SlowDown");
                return;
            case S3Fault.Conflicts:
                await RefuseAsync(context, HttpStatusCode.Conflict, "ConditionalRequestConflict");
                return;
            case S3Fault.Precedes:
                await RefuseAsync(context, HttpStatusCode.PreconditionFailed, "PreconditionFailed");
                return;
            case S3Fault.Hangs:
                await Task.Delay(Patience * 2, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
        }

        if (!context.Request.Headers.ContainsKey("Authorization"))
        {
            await RefuseAsync(context, HttpStatusCode.Forbidden, "AccessDenied");
        }
        else if (bucket == "missing")
        {
            await RefuseAsync(context, HttpStatusCode.NotFound, "NoSuchBucket");
        }
        else if (method == "LIST")
        {
            await ListAsync(context, bucket);
        }
        else if (method == "PUT")
        {
            await PutAsync(context, path, fault);
        }
        else if (method == "DELETE")
        {
            _objects.TryRemove(path, out _);
            context.Response.StatusCode = (int)HttpStatusCode.NoContent;
        }
        else if (_objects.TryGetValue(path, out var stored))
        {
            await SendAsync(context, stored, fault);
        }
        else
        {
            await RefuseAsync(context, HttpStatusCode.NotFound, "NoSuchKey");
        }
    }

    private async Task PutAsync(HttpContext context, string path, S3Fault fault)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var content = body.ToArray();
        var headers = context.Request.Headers;
        if (headers["x-amz-content-sha256"] != Convert.ToHexStringLower(SHA256.HashData(content)))
        {
            await RefuseAsync(context, HttpStatusCode.BadRequest, "XAmzContentSHA256Mismatch");
            return;
        }

        var meta = headers
            .Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => $"{header.Value}");
        var stored = new Stored(content, meta);
        if (headers.IfNoneMatch != "*" || IgnoresConditions)
        {
            _objects[path] = stored;
        }
        else if (!_objects.TryAdd(path, stored))
        {
            await RefuseAsync(context, HttpStatusCode.PreconditionFailed, "PreconditionFailed");
            return;
        }

        if (fault == S3Fault.LosesAnswer)
        {
            await RefuseAsync(context, HttpStatusCode.InternalServerError, "InternalError");
        }
        else
        {
            context.Response.Headers.ETag = stored.Tag;
        }
    }

    private static async Task SendAsync(HttpContext context, Stored stored, S3Fault fault)
    {
        var response = context.Response;
        response.ContentLength = stored.Content.Length;
        response.Headers.ETag = stored.Tag;
        response.Headers.LastModified = Written.ToString("R", CultureInfo.InvariantCulture);
        foreach (var (name, value) in stored.Meta)
        {
            response.Headers[name] = value;
        }

        if (context.Request.Method == "HEAD")
        {
            return;
        }

        if (fault == S3Fault.Cuts)
        {
            await response.Body.WriteAsync(stored.Content.AsMemory(0, stored.Content.Length / 2));
            await response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await response.Body.WriteAsync(stored.Content);
    }

    private Task ListAsync(HttpContext context, string bucket)
    {
        var query = context.Request.Query;
        var prefix = $"{query["prefix"]}";
        var after = $"{query["continuation-token"]}";
        var made = Enumerable.Range(0, MadeUp).Select(number => $"{prefix}{number:0000000}.jpg");
        var page = (MadeUp > 0 ? made.Skip(after.Length > 0 ? Number(after) + 1 : 0) : Put()).Take(PageSize + 1).ToList();
        var isTruncated = page.Count > PageSize;
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        xml.Append("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        xml.Append($"<IsTruncated>{(isTruncated ? "true" : "false")}</IsTruncated>");
        if (isTruncated)
        {
            xml.Append($"<NextContinuationToken>{SecurityElement.Escape(page[PageSize - 1])}</NextContinuationToken>");
        }

        foreach (var key in page.Take(PageSize))
        {
            xml.Append($"<Contents><Key>{SecurityElement.Escape(key)}</Key><Size>1</Size></Contents>");
        }

        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(xml.Append("</ListBucketResult>").ToString());

        IEnumerable<string> Put() =>
            Keys(bucket, prefix).Select(name => prefix + name).Where(key => string.CompareOrdinal(key, after) > 0);
        static int Number(string key) => int.Parse(key[^11..^4], CultureInfo.InvariantCulture);
    }

    private static Task RefuseAsync(HttpContext context, HttpStatusCode status, string code)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/xml";
        return context.Request.Method == "HEAD"
            ? Task.CompletedTask
            : context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }

    private sealed record Stored(byte[] Content, Dictionary<string, string> Meta)
    {
#pragma warning disable CA5351 // the client compares what it reads with it
        public string Tag { get; } = $"\"{Convert.ToHexStringLower(MD5.HashData(Content))}\"";
#pragma warning restore CA5351
    }
}
