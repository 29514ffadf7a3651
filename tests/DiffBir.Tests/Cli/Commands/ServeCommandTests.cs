using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using DiffBir.Cli.Commands;
using DiffBir.Engine;
using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class ServeCommandTests
{
    private static readonly ServerOptions Plain = Comparable(ServeCommand.Read());

    /// <summary>Each option, and what it changes.</summary>
    private static readonly (string Arguments, ServerOptions Expected)[] Rows =
    [
        ("--host 0.0.0.0", Plain with { Host = "0.0.0.0" }),
        ("--port 9000", Plain with { Port = 9000 }),
        ("--api-key 0123456789abcdef", Plain with { ApiKey = "0123456789abcdef" }),
        ("--no-api-key", Plain with { IsOpenToAll = true }),
        ("--model v2.1", Plain with { Model = "v2.1" }),
        ("--data there", Plain with { DataFolder = "there" }),
        ("--keep 12h", Plain with { Keep = TimeSpan.FromHours(12) }),
        ("--disk 800MB", Plain with { DiskBytes = 800_000_000 }),
        ("--max-upload 20MB", Plain with { MaxUploadBytes = 20_000_000 }),
        ("--max-pixels 12.5", Plain with { MaxPixels = 12_500_000 }),
        ("--max-output-pixels 50", Plain with { MaxOutputPixels = 50_000_000 }),
        ("--max-queue 5", Plain with { MaxQueue = 5 }),
        ("--cluster nats://host", Plain with { Workers = 16 }),
        ("--workers 2", Plain with { Workers = 2 }),
        ("--time-limit 30m", Plain with { TimeLimit = TimeSpan.FromMinutes(30) }),
        ("--max-memory 2GB", Plain with { MaxMemory = 2_000_000_000 }),
        ("--device cpu", Plain with { Engine = new() { Device = Device.Cpu } }),
        ("--precision fp16", Plain with { Engine = new() { Precision = Precision.Float16 } }),
        ("--threads 2", Plain with { Engine = new() { Threads = 2 } }),
        ("--face-cascade off", Plain with { FaceCascade = "off" }),
        ("--otlp http://localhost:4317", Plain with { OtlpEndpoint = new("http://localhost:4317") }),
    ];

    /// <summary>Options that are tested by a fact of their own.</summary>
    private static readonly string[] Others =
    [
        "--allow-host",
        "--allow-origin",
        "--weights",
        "--quiet",
        "--cluster-credentials",
        "--cluster-token",
        "--cluster-ca",
        "--cluster-place",
    ];

    public static TheoryData<string, string> Wrong =>
        new()
        {
            { "--port 70000", "--port" },
            { "--port many", "a whole number" },
            { "--host 0.0.0.0", "--api-key" },
            { "--host nowhere", "127.0.0.1" },
            { "--api-key short", "16 characters" },
            { "--keep 7", "such as 7d" },
            { "--keep 0d", "--keep" },
            { "--disk lots", "such as 5GB" },
            { "--disk 10MB", "--max-upload" },
            { "--max-upload 1MB --max-queue 0", "--max-queue" },
            { "--workers 0", "--workers" },
            { "--cluster nats://127.0.0.1:1", "--cluster-place" },
            { "--cluster nats://127.0.0.1:1 --cluster-place /nowhere/at/all", "--cluster-place" },
            { "--cluster-place /tmp", "--cluster-place is for photos that a cluster restores. Name its server (--cluster)." },
            { "--cluster-token t", "--cluster-token is for photos that a cluster restores. Name its server (--cluster)." },
            { "--max-pixels 0", "--max-pixels" },
            { "--time-limit 0m", "--time-limit" },
            { "--max-memory 1MB", "--max-memory" },
            { "--threads -1", "--threads" },
            { "--allow-origin example.org", "https://example.org" },
            { "--otlp there", "--otlp" },
            { "--model v7", "v2.1" },
        };

    [Fact]
    public void Each_option_changes_its_property_and_no_other()
    {
        foreach (var (arguments, expected) in Rows)
        {
            expected.ShouldNotBe(Plain, arguments);
            Comparable(ServeCommand.Read(arguments.Split(' '))).ShouldBe(expected, arguments);
        }
    }

    [Fact]
    public void Options_that_can_be_given_several_times_keep_all()
    {
        var options = ServeCommand.Read(
            "--allow-host",
            "a.example",
            "--allow-host",
            "b.example",
            "--allow-origin",
            "https://a.example",
            "--weights",
            "there"
        );

        options.AllowedHosts.ShouldBe(["a.example", "b.example"]);
        options.AllowedOrigins.ShouldBe(["https://a.example"]);
        options.WeightsFolders[0].ShouldBe("there");
    }

    [Fact]
    public void Every_option_of_the_command_is_reached_by_a_test()
    {
        var tested = Rows.SelectMany(row => row.Arguments.Split(' '))
            .Where(word => word.StartsWith("--", StringComparison.Ordinal))
            .Concat(Others);

        ServeCommand.Create().Whole().Options.Select(option => option.Name).ShouldBe(tested, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_command_line_is_exit_code_2_and_says_what_would_be_right(string arguments, string remedy)
    {
        using var data = new TemporaryFolder();

        var run = await CommandLine.Run(["serve", "--data", data.Path, .. arguments.Split(' ')]);

        run.ExitCode.ShouldBe(2, run.Error);
        run.Error.ShouldContain(remedy);
        run.Error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("--data", "--data")]
    [InlineData("--weights", "--weights")]
    [InlineData("--model", "--model")]
    [InlineData("--host", "--host")]
    [InlineData("--api-key", "--api-key")]
    [InlineData("--otlp", "--otlp")]
    [InlineData("--allow-origin", "--allow-origin")]
    public async Task An_empty_value_is_one_sentence_that_names_the_option(string option, string named)
    {
        foreach (var empty in (string[])["", " "])
        {
            var run = await CommandLine.Run(["serve", option, empty]);

            run.ExitCode.ShouldBe(2, run.Error);
            run.Error.Trim().ShouldNotContain('\n');
            run.Error.ShouldContain(named);
        }
    }

    [Fact]
    public async Task It_says_where_it_is_and_stops_when_it_is_told_to()
    {
        using var data = new TemporaryFolder();

        var run = await CommandLine.RunUntil(
            "DiffBir is at",
            [.. Serve(data), "--port", "0", "--model", SmallPacks.Folder("v2")]
        );

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("http://127.0.0.1:");
        run.Output.ShouldContain("Stopped.");
    }

    [Fact]
    public async Task Without_the_models_files_it_starts_and_says_how_to_get_them()
    {
        using var data = new TemporaryFolder();

        var run = await CommandLine.RunUntil(
            "models pull",
            [.. Serve(data), "--port", "0", "--model", "v1", "--weights", data.Path]
        );

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("diffbir models pull v1");
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_sentence()
    {
        using var data = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var run = await CommandLine.Run([.. Serve(data), "--port", $"{port}", "--model", SmallPacks.Folder("v2")]);

        run.ExitCode.ShouldBe(2);
        run.Error.Trim().ShouldBe($"Port {port} is in use by another program. Stop that one, or choose another port (--port).");
    }

    private static string[] Serve(TemporaryFolder data) => ["serve", "--quiet", "--data", data.Path];

    /// <summary>Lists are compared by identity; the tests that need them look at them alone.</summary>
    private static ServerOptions Comparable(ServerOptions options) =>
        options with
        {
            AllowedHosts = [],
            AllowedOrigins = [],
            WeightsFolders = [],
        };
}
