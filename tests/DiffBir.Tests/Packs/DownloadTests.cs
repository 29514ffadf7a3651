using DiffBir.Packs;
using DiffBir.Packs.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

/// <summary>A download begins, is cut, and goes on.</summary>
public sealed class DownloadTests : DownloadBench
{
    [Fact]
    public async Task A_file_arrives_whole_under_its_name_and_nothing_else_is_left()
    {
        await using var server = Serve(request => Answer.File(Content, request));

        var pulled = await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
        pulled.Sha256.ShouldBe(Sha256(Content));
        FilesInFolder().ShouldBe(["checksums.json", "weights.bin"]);
    }

    [Fact]
    public async Task A_cut_connection_is_continued_where_it_was_cut()
    {
        await using var server = Serve(request => Answer.File(Content, request).CutAfter(300_000));

        await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
        server.Requests.Select(request => request.From).ShouldBe([0, 300_000, 600_000, 900_000]);
        server.Requests.Last().Headers["If-Range"].ShouldBe("\"1\"");
    }

    [Fact]
    public async Task A_source_that_cannot_be_reached_is_not_waited_for_where_another_one_answers()
    {
        await using var server = Serve(request => Answer.File(Content, request));
        var file = File(server);

        await PullAsync(file with { Sources = [new("http://127.0.0.1:1/weights"), .. file.Sources] });

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
        Notices.ShouldHaveSingleItem().ShouldEndWith("; there seems to be no connection.");
        Time.Pauses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_no_source_can_be_reached_there_seems_to_be_no_connection()
    {
        await using var server = Serve(request => Answer.File(Content, request));
        var file = File(server) with { Sources = [new("http://127.0.0.1:1/a"), new("http://127.0.0.1:1/b")] };

        var error = await Should.ThrowAsync<ConnectionException>(() => PullAsync(file));

        error.Message.ShouldContain("no connection to the internet");
        error.Message.ShouldContain("http://127.0.0.1:1/b: ");
        Time.Pauses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_program_goes_on_where_the_first_was_stopped()
    {
        await using var server = Serve(request =>
            request.From == 0 ? Answer.File(Content, request).CutAfter(200_000) : Answer.File(Content, request)
        );
        var once = new DownloadOptions { Attempts = 1 };
        await Should.ThrowAsync<PackException>(() => PullAsync(File(server), once));
        FilesInFolder().ShouldBe(["weights.bin.partial", "weights.bin.partial.json"]);

        await PullAsync(File(server), once);

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
        server.Requests.Last().From.ShouldBe(200_000);
        FilesInFolder().ShouldBe(["checksums.json", "weights.bin"]);
    }

    [Fact]
    public async Task A_server_without_ranges_sends_everything_anew()
    {
        var first = true;
        await using var server = Serve(_ =>
        {
            var answer = first ? Answer.Whole(Content).CutAfter(200_000) : Answer.Whole(Content);
            first = false;
            return answer;
        });

        await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }

    [Fact]
    public async Task A_server_that_answers_with_another_range_gets_asked_anew()
    {
        var asked = 0;
        await using var server = Serve(request =>
            request.From > 0
                ? new Answer(
                    206,
                    [("Content-Length", "10"), ("Content-Range", $"bytes 5-14/{Content.Length}"), ("ETag", "\"1\"")],
                    Content.AsMemory(5, 10)
                )
            : asked++ == 0 ? Answer.File(Content, request).CutAfter(200_000)
            : Answer.File(Content, request)
        );

        await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }

    [Fact]
    public async Task A_file_that_changes_between_two_attempts_is_fetched_anew()
    {
        var changed = MakeContent(seed: 2);
        await using var server = Serve(request =>
            request.Headers.ContainsKey("Range")
                ? Answer.File(changed, request, "\"2\"")
                : Answer.File(Content, request).CutAfter(200_000)
        );

        await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(changed);
    }

    [Fact]
    public async Task A_file_that_changes_under_a_server_that_ignores_conditions_is_fetched_anew()
    {
        var changed = MakeContent(seed: 2);
        var asked = 0;
        await using var server = Serve(request =>
            asked++ == 0
                ? Answer.File(Content, request).CutAfter(200_000)
                : Answer.File(changed, WithoutCondition(request), "\"2\"")
        );

        await PullAsync(File(server));

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(changed);
    }

    [Fact]
    public async Task A_part_of_another_file_is_found_out_by_the_checksum()
    {
        Folder.Write("weights.bin.partial", MakeContent(seed: 3).AsSpan(0, 1000));
        await using var server = Serve(request => Answer.File(Content, request));

        await PullAsync(File(server) with { Sha256 = Sha256(Content) });

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
        server.Requests.Select(request => request.From).ShouldBe([1000, 0]);
    }

    [Fact]
    public async Task A_part_of_unknown_origin_is_not_used_without_a_checksum()
    {
        Folder.Write("weights.bin.partial", Content.AsSpan(0, 1000));
        await using var server = Serve(request => Answer.File(Content, request));

        await PullAsync(File(server));

        server.Requests.Select(request => request.From).ShouldBe([0]);
    }

    [Fact]
    public async Task The_last_byte_before_the_cut_may_be_the_last_of_the_file()
    {
        Folder.Write("weights.bin.partial", Content);
        await using var server = Serve(request => Answer.File(Content, request));

        await PullAsync(File(server) with { Sha256 = Sha256(Content) });

        (await System.IO.File.ReadAllBytesAsync(Target)).ShouldBe(Content);
    }
}
