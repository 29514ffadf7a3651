using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

/// <summary>Photos are private: the runtime under the networks collects nothing and calls nobody.</summary>
public sealed partial class TelemetryTests
{
    private const string OnlyLinux =
        "The runtime collects in the user's cache folder on Linux and macOS; both are the same code.";

    /// <summary>The collector looks its server up about nine seconds after it starts.</summary>
    private static readonly TimeSpan UntilCollectorCalls = TimeSpan.FromSeconds(12);

    /// <summary>What the collector opens: its files, and what names are looked up with.</summary>
    private static readonly string[] Traces = ["DeveloperTools", "onnxruntime.db", "deviceid", "resolv.conf", "htons(53)"];

    [LinuxFact(OnlyLinux)]
    public async Task A_restoration_leaves_no_file_about_the_user()
    {
        using var folder = new TemporaryFolder();
        var picture = Picture(folder);
        using var program = ObservedProgram.Start(
            isTraced: true,
            ["restore", picture, "-o", folder.File("out.png"), "--stage1-only", "--device", "cpu", "--threads", "1"]
        );

        (await program.EndAsync()).ShouldBe(0, program.Said);

        File.Exists(folder.File("out.png")).ShouldBeTrue();
        program.HomeFiles.ShouldBeEmpty();
        program.Calls.ShouldAllBe(call => !Traces.Any(call.Contains));
    }

    [LinuxFact(OnlyLinux)]
    public async Task A_server_that_has_restored_a_photo_looks_up_no_name_and_leaves_no_file_about_the_user()
    {
        using var folder = new TemporaryFolder();
        var picture = Picture(folder);
        using var program = ObservedProgram.Start(
            isTraced: true,
            ["serve", "--quiet", "--port", "0", "--data", folder.File("data"), "--model", "mini", "--device", "cpu"]
        );
        var address = Address().Match(await program.HearAsync("DiffBir is at http://127.0.0.1:")).Value;
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var start = Stopwatch.GetTimestamp();

        await RestoreAsync(http, picture);
        var left = UntilCollectorCalls - Stopwatch.GetElapsedTime(start);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        await program.SignalAsync("TERM");
        (await program.EndAsync()).ShouldBe(0, program.Said);

        program.HomeFiles.ShouldBeEmpty();
        program.Calls.ShouldAllBe(call => !Traces.Any(call.Contains));
    }

    [LinuxFact(OnlyLinux)]
    public void A_program_that_uses_the_library_is_kept_private_by_the_first_session()
    {
        var g = new GraphBuilder("one");
        using var session = NetworkSession.Create(
            g.Build(("y", g.Silu(g.Input("x", [1])))),
            new Weights(),
            new EngineOptions { Device = Device.Cpu }
        );

        // What native code sees, not what .NET keeps for itself.
        Marshal.PtrToStringUTF8(GetEnvironmentVariable("ORT_DISABLE_TELEMETRY")).ShouldBe("1");
    }

    private static string Picture(TemporaryFolder folder)
    {
        using var photo = Photo.Of(Pictures.Gradient(16, 16));
        ImageFile.Write(photo, folder.File("in.png"), new ImageEncoding(ImageFormat.Png));
        return folder.File("in.png");
    }

    private static async Task RestoreAsync(HttpClient http, string picture)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("true"), "stage1-only" },
            { new ByteArrayContent(await File.ReadAllBytesAsync(picture)), "image", "in.png" },
        };
        using var created = await http.PostAsync("/api/restorations", form);
        created.IsSuccessStatusCode.ShouldBeTrue(await created.Content.ReadAsStringAsync());
        // The stream of events ends with the job.
        (await http.GetStringAsync($"{created.Headers.Location}/events")).ShouldContain("\"done\"");
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetEnvironmentVariable(string name);
}
