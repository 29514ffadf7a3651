using DiffBir.Packs;
using DiffBir.Packs.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

/// <summary>Sources are asked one after the other, and none of them is believed.</summary>
public sealed class DownloadSourcesTests : DownloadBench
{
    [Theory]
    [InlineData(404)]
    [InlineData(401)]
    [InlineData(410)]
    public async Task A_source_that_lacks_the_file_is_asked_once_and_the_next_has_it(int status)
    {
        await using var server = Serve(request => request.Path == "first" ? Answer.Empty(status) : Answer.File(Content, request));

        var pulled = await PullAsync(File(server, "first", "second"));

        pulled.Source.ShouldBe(server.Address("second").ToString());
        server.Requests.Select(request => request.Path).ShouldBe(["first", "second"]);
        Notices.ShouldHaveSingleItem().ShouldContain($"answered {status}");
    }

    [Fact]
    public async Task With_a_checksum_the_second_source_continues_what_the_first_began()
    {
        await using var server = Serve(request =>
            request.Path == "first"
                ? Answer.File(Content, request).CutAfter(request.From == 0 ? 200_000 : 0)
                : Answer.File(Content, request, "\"other\"")
        );

        await PullAsync(File(server, "first", "second") with { Sha256 = Sha256(Content) });

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
        server
            .Requests.Last()
            .ShouldSatisfyAllConditions(request => request.Path.ShouldBe("second"), request => request.From.ShouldBe(200_000));
    }

    [Fact]
    public async Task Without_a_checksum_the_second_source_begins_anew()
    {
        await using var server = Serve(request =>
            request.Path == "first"
                ? Answer.File(Content, request).CutAfter(request.From == 0 ? 200_000 : 0)
                : Answer.File(Content, request, "\"other\"")
        );

        await PullAsync(File(server, "first", "second"));

        server.Requests.Last().From.ShouldBe(0);
        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }

    [Fact]
    public async Task Wrong_bytes_are_refused_and_the_next_source_is_asked()
    {
        await using var server = Serve(request => Answer.File(request.Path == "first" ? MakeContent(seed: 9) : Content, request));

        await PullAsync(File(server, "first", "second") with { Sha256 = Sha256(Content) });

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }

    [Fact]
    public async Task Where_every_source_sends_wrong_bytes_nothing_is_kept_and_each_reason_is_said()
    {
        await using var server = Serve(request =>
            request.Path == "first" ? Answer.Empty(404) : Answer.File(MakeContent(seed: 9), request)
        );

        var error = await Should.ThrowAsync<PackException>(() =>
            PullAsync(File(server, "first", "second") with { Sha256 = Sha256(Content) })
        );

        error.Message.ShouldContain("answered 404");
        error.Message.ShouldContain($"instead of {Sha256(Content)}");
        error.Message.ShouldContain("--from");
        System.IO.File.Exists(Target).ShouldBeFalse();
        new FileInfo(Target + ".partial").Length.ShouldBe(0);
    }

    [Fact]
    public async Task A_size_that_is_not_the_published_one_is_refused_before_the_bytes_come()
    {
        await using var server = Serve(request => Answer.File(Content, request));

        var error = await Should.ThrowAsync<PackException>(() => PullAsync(File(server) with { Size = 5 }));

        error.Message.ShouldContain($"has {Content.Length:N0} bytes instead of 5");
    }

    [Fact]
    public async Task A_server_that_promises_more_than_it_sends_is_given_up_after_some_attempts()
    {
        await using var server = Serve(request =>
            request.From >= Content.Length
                ? new Answer(206, Range(request.From), default)
                : new Answer(200, [("Content-Length", $"{Content.Length + 7}")], Content)
        );

        var error = await Should.ThrowAsync<PackException>(() => PullAsync(File(server)));

        error.Message.ShouldContain("could not be downloaded");
        Time.Pauses.Where(pause => pause < TimeSpan.FromSeconds(59)).ShouldNotBeEmpty();

        static (string, string)[] Range(int from) =>
            [("Content-Length", "7"), ("Content-Range", $"bytes {from}-{from + 6}/{Content.Length + 7}")];
    }

    [Fact]
    public async Task A_server_that_sends_more_than_the_published_size_is_stopped()
    {
        // Without a length, the body ends where the connection does.
        await using var server = Serve(_ => new Answer(200, [], Content));

        var error = await Should.ThrowAsync<PackException>(() => PullAsync(File(server) with { Size = 500_000 }));

        error.Message.ShouldContain("more than 500,000 bytes");
    }

    [Fact]
    public async Task A_file_without_any_size_is_taken()
    {
        await using var server = Serve(_ => new Answer(200, [], Content));

        await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }

    [Fact]
    public async Task A_file_above_the_limit_is_refused()
    {
        await using var server = Serve(request => Answer.File(Content, request));

        var error = await Should.ThrowAsync<PackException>(() =>
            PullAsync(File(server), new DownloadOptions { MaxFileBytes = 1000 })
        );

        error.Message.ShouldContain("at most 1,000");
    }

    [Fact]
    public async Task A_file_larger_than_the_disk_is_refused_before_the_bytes_come()
    {
        await using var server = Serve(_ => new Answer(200, [("Content-Length", $"{1L << 60}")], Content));

        var error = await Should.ThrowAsync<PackException>(() =>
            PullAsync(File(server), new DownloadOptions { MaxFileBytes = long.MaxValue })
        );

        error.Message.ShouldContain("MB are free");
    }

    [Fact]
    public async Task A_server_error_is_waited_out_with_pauses_that_double()
    {
        var asked = 0;
        await using var server = Serve(request => asked++ < 4 ? Answer.Empty(503) : Answer.File(Content, request));

        await PullAsync(File(server));

        Time.Pauses.Where(pause => pause < new DownloadOptions().Silence)
            .Select(pause => pause.TotalSeconds)
            .ShouldBe([1, 2, 4, 8]);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left()
    {
        var release = new TaskCompletionSource();
        await using var server = Serve(request =>
            request.Path == "first"
                ? Answer.File(Content, request).CutAfter(1000) with
                {
                    Hangs = release.Task,
                }
                : Answer.File(Content, request)
        );
        var options = new DownloadOptions { Attempts = 1, Silence = TimeSpan.FromMilliseconds(200) };

        var pull = new ModelStore(Folder.Path).PullAsync(
            File(server, "first", "second"),
            new Downloader(Http, TimeProvider.System, options),
            new TransferEvents
            {
                OnNotice = notice =>
                {
                    Notices.Add(notice);
                    release.TrySetResult();
                },
            }
        );
        await pull;

        Notices[0].ShouldContain("sent nothing for too long");
        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }

    [Fact]
    public async Task Cancelling_keeps_what_has_come()
    {
        using var stop = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        await using var server = Serve(request => Answer.File(Content, request).CutAfter(200_000) with { Hangs = release.Task });
        var events = new TransferEvents
        {
            OnProgress = progress =>
            {
                if (progress.Received >= 200_000)
                {
                    stop.Cancel();
                }
            },
        };

        await Should.ThrowAsync<OperationCanceledException>(() =>
            new ModelStore(Folder.Path).PullAsync(File(server), new Downloader(Http, TimeProvider.System), events, stop.Token)
        );
        release.SetResult();

        new FileInfo(Target + ".partial").Length.ShouldBe(200_000);
    }

    [Fact]
    public async Task A_web_page_is_no_file()
    {
        await using var server = Serve(_ => new Answer(
            200,
            [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "6")],
            "<html>"u8.ToArray()
        ));

        (await Should.ThrowAsync<PackException>(() => PullAsync(File(server)))).Message.ShouldContain("web page");
    }

    [Fact]
    public async Task Something_named_like_a_checkpoint_that_is_none_is_never_trusted()
    {
        await using var server = Serve(request => Answer.File(Content, request));

        await Should.ThrowAsync<PackException>(() => PullAsync(File(server) with { Name = "v2.pth" }));

        FilesInFolder().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_encryption_and_checksum_a_distant_source_is_not_asked()
    {
        var file = new PackFile { Name = "a", Sources = [new Uri("http://192.0.2.1/a")] };

        (await Should.ThrowAsync<PackException>(() => PullAsync(file))).Message.ShouldContain("not encrypted");
    }

    [Fact]
    public async Task A_second_program_that_downloads_the_same_file_is_kept_out()
    {
        await using var server = Serve(request => Answer.File(Content, request));
        await using var other = new FileStream(Target + ".partial", FileMode.Create, FileAccess.Write, FileShare.None);

        (await Should.ThrowAsync<PackException>(() => PullAsync(File(server)))).Message.ShouldContain("another program");
    }

    [Fact]
    public async Task Progress_counts_up_to_the_whole()
    {
        var last = new List<(long Received, long? Total)>();
        await using var server = Serve(request => Answer.File(Content, request).CutAfter(600_000));

        await new ModelStore(Folder.Path).PullAsync(
            File(server),
            new Downloader(Http, Time, new DownloadOptions { Silence = ImpatientTime.Never }),
            new TransferEvents { OnProgress = p => last.Add((p.Received, p.Total)) }
        );

        last.Select(p => p.Received).ShouldBeInOrder();
        last[^1].ShouldBe((Content.Length, Content.Length));
    }
}
