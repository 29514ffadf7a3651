using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DiffBir.Imaging;

namespace DiffBir.Bench.Load;

/// <summary>One of many clients: sends photos, cancels and deletes some, sends what is none, hangs up in the middle.</summary>
internal sealed class LoadClient : IDisposable
{
    private const int PhotoSide = 64;

    /// <summary>What a client does, over and over: half of it is what a friendly one does.</summary>
    private static readonly Deed[] Deeds =
    [
        Deed.Restore,
        Deed.Cancel,
        Deed.Restore,
        Deed.SendGarbage,
        Deed.Restore,
        Deed.Delete,
        Deed.Restore,
        Deed.SendDamaged,
        Deed.Restore,
        Deed.HangUp,
    ];

    private static readonly byte[] Photo = MakePhoto();

    private readonly HttpClient _http;
    private readonly LoadTally _tally;

    /// <param name="address">The server.</param>
    /// <param name="number">Which client it is.</param>
    /// <param name="tally">Where it notes what became of everything.</param>
    public LoadClient(Uri address, int number, LoadTally tally)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        _http.DefaultRequestHeaders.Add("X-Client-Id", $"client-{number}");
        _tally = tally;
    }

    private enum Deed
    {
        Restore,
        Cancel,
        Delete,
        SendGarbage,
        SendDamaged,
        HangUp,
    }

    /// <summary>Does some of everything.</summary>
    public async Task RunAsync(int uploads)
    {
        for (var number = 0; number < uploads; number++)
        {
            await DoAsync(Deeds[number % Deeds.Length]);
        }
    }

    /// <summary>Sends photos without waiting for their results.</summary>
    /// <returns>The jobs that were accepted.</returns>
    public async Task<IReadOnlyList<string>> SendAsync(int uploads, int steps)
    {
        var jobs = new List<string>();
        for (var number = 0; number < uploads; number++)
        {
            jobs.Add(await UploadAsync(Photo, ("steps", $"{steps}")));
        }

        return jobs;
    }

    /// <summary>A job as soon as it came to its end.</summary>
    public async Task<JsonElement> EndOfAsync(string id)
    {
        while (true)
        {
            var job = await JobAsync(id);
            if (job.GetProperty("finished").ValueKind != JsonValueKind.Null)
            {
                return job;
            }

            await Task.Delay(50);
        }
    }

    /// <summary>How many of some jobs came to their end.</summary>
    public async Task<int> CountFinishedAsync(IEnumerable<string> jobs)
    {
        var finished = 0;
        foreach (var id in jobs)
        {
            var job = await JobAsync(id);
            finished += job.GetProperty("finished").ValueKind != JsonValueKind.Null ? 1 : 0;
        }

        return finished;
    }

    /// <summary>Throws unless a job has a result that is a picture of the right size.</summary>
    public async Task ValidateResultAsync(string id)
    {
        var job = await EndOfAsync(id);
        Validate(job, "state", "done");
        using var stream = await _http.GetStreamAsync($"/api/restorations/{id}/result");
        using var photo = ImageFile.Read(stream, id);
        if ((photo.Width, photo.Height) != (2 * PhotoSide, 2 * PhotoSide))
        {
            throw new InvalidOperationException($"The result is {photo.Width}×{photo.Height}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task DoAsync(Deed deed)
    {
        switch (deed)
        {
            case Deed.Restore:
                await ValidateResultAsync(await UploadAsync(Photo));
                _tally.Add("restored");
                break;
            case Deed.Cancel:
                var unwanted = await UploadAsync(Photo, ("steps", "500"));
                await _http.PostAsync($"/api/restorations/{unwanted}/cancel", null);
                Validate(await EndOfAsync(unwanted), "state", "cancelled");
                _tally.Add("cancelled");
                break;
            case Deed.Delete:
                var forgotten = await UploadAsync(Photo, ("steps", "500"));
                await WatchAndLeaveAsync(forgotten);
                await _http.DeleteAsync($"/api/restorations/{forgotten}");
                using (var gone = await _http.GetAsync($"/api/restorations/{forgotten}"))
                {
                    Validate(gone.StatusCode, HttpStatusCode.NotFound);
                }

                _tally.Add("deleted");
                break;
            case Deed.SendGarbage:
                using (var refused = await PostAsync("no picture"u8.ToArray()))
                {
                    Validate(refused.StatusCode, HttpStatusCode.UnsupportedMediaType);
                }

                _tally.Add("refused");
                break;
            case Deed.SendDamaged:
                var damaged = await EndOfAsync(await UploadAsync(Photo[..(Photo.Length / 2)]));
                Validate(damaged.GetProperty("error"), "code", "image-broken");
                _tally.Add("failed with a reason");
                break;
            default:
                await HangUpAsync();
                _tally.Add("hung up");
                break;
        }
    }

    private async Task<string> UploadAsync(byte[] file, params (string, string)[] fields)
    {
        using var response = await PostAsync(file, fields);
        Validate(response.StatusCode, HttpStatusCode.Accepted);
        var job = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return job.GetProperty("id").GetString()!;
    }

    /// <summary>Sends a form, again and again where the server asks for patience.</summary>
    private async Task<HttpResponseMessage> PostAsync(byte[] file, params (string, string)[] fields)
    {
        while (true)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "image", "photo.png" } };
            foreach (var (name, value) in fields)
            {
                form.Add(new StringContent(value), name);
            }

            var response = await _http.PostAsync("/api/restorations", form);
            if (response.Headers.RetryAfter?.Delta is not { } wait)
            {
                return response;
            }

            response.Dispose();
            _tally.Add("asked for patience");
            await Task.Delay(wait);
        }
    }

    private async Task<JsonElement> JobAsync(string id) =>
        JsonElement.Parse(await _http.GetStringAsync($"/api/restorations/{id}"));

    /// <summary>Reads the first event and hangs up.</summary>
    private async Task WatchAndLeaveAsync(string id)
    {
        using var response = await _http.GetAsync($"/api/restorations/{id}/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync();
    }

    /// <summary>Begins an upload, and is gone.</summary>
    private async Task HangUpAsync()
    {
        var address = _http.BaseAddress!;
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        var head =
            $"POST /api/restorations HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 500000\r\n\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes(head));
        await connection.GetStream().WriteAsync(Photo);
        connection.Client.LingerState = new LingerOption(enable: true, seconds: 0);
    }

    private static void Validate(JsonElement json, string name, string wanted)
    {
        if (json.ValueKind != JsonValueKind.Object || json.GetProperty(name).GetString() != wanted)
        {
            throw new InvalidOperationException($"{name} is not {wanted}: {json}");
        }
    }

    private static void Validate(HttpStatusCode status, HttpStatusCode wanted)
    {
        if (status != wanted)
        {
            throw new InvalidOperationException($"The server answered {status}, not {wanted}.");
        }
    }

    private static byte[] MakePhoto()
    {
        var image = new Tensor(1, 3, PhotoSide, PhotoSide);
        for (var index = 0; index < image.Length; index++)
        {
            image.Data[index] = (MathF.Sin(index * 0.1f) + MathF.Sin(index * 0.013f) + 2) / 4;
        }

        using var photo = Imaging.Photo.Of(image);
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(ImageFormat.Png));
        return stream.ToArray();
    }
}

/// <summary>Counts what became of everything.</summary>
internal sealed class LoadTally
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string outcome)
    {
        lock (_lock)
        {
            _counts[outcome] = _counts.GetValueOrDefault(outcome) + 1;
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join(", ", _counts.Select(entry => $"{entry.Value} {entry.Key}"));
        }
    }
}
