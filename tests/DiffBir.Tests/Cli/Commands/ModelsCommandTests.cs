using System.Diagnostics;
using System.Text.Json;
using DiffBir.Packs;
using DiffBir.Tests.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class ModelsCommandTests : IDisposable
{
    private static readonly byte[] Weights = DownloadBench.MakeContent(seed: 1);

    private readonly TemporaryFolder _pack = new();
    private readonly TemporaryFolder _files = new();

    public void Dispose()
    {
        _pack.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task List_says_what_is_known_and_what_is_here()
    {
        _files.Write("v2.pth", Weights);

        var run = await CommandLine.Run("models", "list", "--dir", _files.Path);

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldMatch(@"v2 +2 of 6 files are here +DiffBIR v2 \(Apache-2\.0");
        run.Output.ShouldMatch(@"v2\.1 +1 of 5 files");
    }

    [Fact]
    public async Task List_for_programs_is_one_object_on_each_line()
    {
        var run = await CommandLine.Run("models", "list", "--json", "--dir", _files.Path);

        Lines(run.Output)
            .Select(line => line.GetProperty("name").GetString())
            .Except([PackCatalog.Mini]) // part of some builds
            .ShouldBe(
                ["v1", "v2", "v2.1", "hypir", "pisa-sr", "osediff", "realesrgan", "realesrgan-compact", "faces"],
                ignoreOrder: true
            );
    }

    [Fact]
    public async Task What_finds_faces_has_files_of_its_own_that_no_photo_is_restored_with()
    {
        _files.Write("detection_Resnet50_Final.pth", "another file"u8);

        var path = await CommandLine.Run("models", "path", "faces", "--dir", _files.Path);
        var verify = await CommandLine.Run("models", "verify", "faces", "--dir", _files.Path);
        var restore = await CommandLine.Run("restore", "a.png", "-o", "b.png", "--model", "faces");

        path.Output.ShouldContain("detection_Resnet50_Final.pth");
        path.Output.ShouldContain("parsing_parsenet.pth (missing)");
        verify.ExitCode.ShouldBe(1);
        verify.Error.ShouldContain("instead of 109,497,761");
        restore.ExitCode.ShouldBe(2);
        restore.Error.ShouldContain("There is no model \"faces\".");
    }

    [Fact]
    public async Task Pull_fetches_all_files_and_verify_finds_them_sound()
    {
        await using var server = new ScriptedServer(request => Answer.File(Weights, request));
        WritePack(server);

        var pull = await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path);
        var verify = await CommandLine.Run("models", "verify", _pack.Path, "--dir", _files.Path);
        var again = await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path);

        pull.ExitCode.ShouldBe(0, pull.Error);
        pull.Output.ShouldContain($"one.bin: from {server.Address("one")}. License: MIT.");
        verify.ExitCode.ShouldBe(0, verify.Error);
        verify.Output.ShouldContain("one.bin: sound.");
        again.Output.ShouldContain("two.bin: was here already.");
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Pull_without_a_folder_puts_the_files_of_a_pack_into_the_pack()
    {
        await using var server = new ScriptedServer(request => Answer.File(Weights, request));
        WritePack(server);

        await CommandLine.Run("models", "pull", _pack.Path);

        File.ReadAllBytes(_pack.File("one.bin")).ShouldBe(Weights);
    }

    [Fact]
    public async Task One_file_that_cannot_be_had_does_not_stop_the_others()
    {
        await using var server = new ScriptedServer(request =>
            request.Path == "one" ? Answer.Empty(404) : Answer.File(Weights, request)
        );
        WritePack(server);

        var run = await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path);

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("one.bin could not be downloaded");
        File.Exists(_files.File("two.bin")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_bad_line_a_lying_mirror_and_wrong_bytes_are_lived_through()
    {
        var wrong = DownloadBench.MakeContent(seed: 2);
        var cut = false;
        await using var server = new ScriptedServer(request =>
        {
            switch (request.Path)
            {
                case "one" when !cut:
                    cut = true;
                    return Answer.File(Weights, request).CutAfter(300_000);
                case "gone":
                    return Answer.Empty(404);
                case "other":
                    return Answer.File(wrong, request);
                default:
                    return Answer.File(Weights, request);
            }
        });
        Uri[] mirrors = [server.Address("gone"), server.Address("other"), server.Address("two")];
        _pack.Write("model.json", ServedPack.Json(server.Address("one"), mirrors, DownloadBench.Sha256(Weights)));

        var run = await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path);

        run.ExitCode.ShouldBe(0, run.Error);
        File.ReadAllBytes(_files.File("one.bin")).ShouldBe(Weights);
        File.ReadAllBytes(_files.File("two.bin")).ShouldBe(Weights);
        run.Output.ShouldContain($"two.bin: from {server.Address("two")}");
        run.Error.ShouldContain("one.bin: ");
        run.Error.ShouldContain("going on in 1 s");
        run.Error.ShouldContain("answered 404");
        run.Error.ShouldContain($"SHA-256 {DownloadBench.Sha256(wrong)}");
        server
            .Requests.Select(request => (request.Path, request.From))
            .ShouldBe([("one", 0), ("one", 300_000), ("gone", 0), ("other", 0), ("two", 0)]);
    }

    [Fact]
    public async Task A_checksum_that_nobody_published_is_recorded_at_the_first_download_and_holds()
    {
        var served = Weights;
        await using var server = new ScriptedServer(request => Answer.File(served, request));
        WritePack(server);
        string[] pull = ["models", "pull", _pack.Path, "--dir", _files.Path];
        await CommandLine.Run(pull);
        File.ReadAllText(_files.File("checksums.json")).ShouldContain(DownloadBench.Sha256(Weights));

        // The file is lost, and the source has another one by now.
        File.Delete(_files.File("one.bin"));
        served = DownloadBench.MakeContent(seed: 2);
        var again = await CommandLine.Run(pull);

        again.ExitCode.ShouldBe(1);
        again.Error.ShouldContain($"instead of {DownloadBench.Sha256(Weights)}");
        File.Exists(_files.File("one.bin")).ShouldBeFalse();
        served = Weights;
        (await CommandLine.Run(pull)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Pull_for_programs_is_one_object_on_each_line()
    {
        await using var server = new ScriptedServer(request =>
            request.Path == "one" ? Answer.Empty(404) : Answer.File(Weights, request)
        );
        WritePack(server);

        var run = await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path, "--json");

        run.Error.ShouldBeEmpty();
        var lines = Lines(run.Output);
        lines.Select(line => line.GetProperty("event").GetString()).ShouldBe(["notice", "failed", "ready"]);
        lines[2].GetProperty("sha256").GetString().ShouldBe(DownloadBench.Sha256(Weights));
    }

    [Fact]
    public async Task Pull_from_a_folder_needs_no_network()
    {
        await using var server = new ScriptedServer(_ => Answer.Empty(500));
        WritePack(server);
        using var usb = new TemporaryFolder();
        usb.Write("one.bin", Weights);
        usb.Write("two.bin", Weights);

        var run = await CommandLine.Run("models", "pull", _pack.Path, "--from", usb.Path, "--dir", _files.Path);

        run.ExitCode.ShouldBe(0, run.Error);
        server.Requests.ShouldBeEmpty();
        File.ReadAllBytes(_files.File("two.bin")).ShouldBe(Weights);
    }

    [Fact]
    public async Task Verify_names_damaged_and_missing_files()
    {
        await using var server = new ScriptedServer(request => Answer.File(Weights, request));
        WritePack(server);
        await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path);
        _files.Write("one.bin", DownloadBench.MakeContent(seed: 2));
        File.Delete(_files.File("two.bin"));

        var run = await CommandLine.Run("models", "verify", _pack.Path, "--dir", _files.Path);
        var json = await CommandLine.Run("models", "verify", _pack.Path, "--dir", _files.Path, "--json");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("one.bin has the SHA-256");
        run.Error.ShouldContain("two.bin is missing.");
        Lines(json.Output).Select(line => line.GetProperty("state").GetString()).ShouldBe(["wrongChecksum", "missing"]);
    }

    [Fact]
    public async Task Path_says_where_models_are_kept()
    {
        var run = await CommandLine.Run("models", "path", "--dir", _files.Path);
        var json = await CommandLine.Run("models", "path", "--dir", _files.Path, "--json");

        run.Output.Trim().ShouldBe(_files.Path);
        Lines(json.Output)[0].GetProperty("folder").GetString().ShouldBe(_files.Path);
    }

    [Fact]
    public async Task Path_of_a_model_lists_its_files_and_tells_which_are_missing()
    {
        _files.Write("v2.pth", Weights);

        var run = await CommandLine.Run("models", "path", "v2", "--dir", _files.Path);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain($"{_files.File("v2.pth")}\n");
        run.Output.ShouldContain($"{_files.File("BSRNet.pth")} (missing)");
    }

    [Theory]
    [InlineData("models", "pull", "v3")]
    [InlineData("models", "verify", "nowhere")]
    [InlineData("models", "pull")]
    [InlineData("models", "destroy")]
    public async Task What_cannot_be_meant_is_exit_code_2(params string[] arguments)
    {
        var run = await CommandLine.Run(arguments);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_stopped_pull_says_that_it_can_go_on()
    {
        await using var server = new ScriptedServer(_ => Answer.Empty(503));
        WritePack(server);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var run = await CommandLine.Run(stop.Token, "models", "pull", _pack.Path, "--dir", _files.Path);

        run.ExitCode.ShouldBe(130);
        run.Error.ShouldContain("The same command goes on from there.");
    }

    [Fact]
    public async Task Without_a_connection_pull_says_so_within_seconds_and_once()
    {
        // Nobody listens on the first port; no name ends with .invalid (RFC 2606).
        _pack.Write("model.json", ServedPack.Json(new("http://127.0.0.1:1/one"), [new("https://nowhere.invalid/two")]));
        var time = Stopwatch.StartNew();

        var run = await CommandLine.Run("models", "pull", _pack.Path, "--dir", _files.Path);

        time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        run.ExitCode.ShouldBe(1);
        run.Error.ShouldContain("one.bin could not be downloaded: there seems to be no connection to the internet.");
        run.Error.ShouldContain("--from FOLDER");
        run.Error.ShouldNotContain("two.bin could not");
    }

    /// <summary>A pack of two files that the server has.</summary>
    private void WritePack(ScriptedServer server) =>
        _pack.Write("model.json", ServedPack.Json(server.Address("one"), [server.Address("two")]));

    private static List<JsonElement> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
