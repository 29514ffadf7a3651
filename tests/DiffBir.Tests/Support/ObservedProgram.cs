using System.Diagnostics;
using System.Text;

namespace DiffBir.Tests.Support;

/// <summary>
/// The program in a process of its own, with a home of its own and no variables that could keep libraries quiet; watched by
/// strace where that is installed and permitted.
/// </summary>
internal sealed class ObservedProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Inherited = ["PATH", "DOTNET_ROOT", "LANG"];
    private static readonly Lazy<bool> CanTrace = new(TryStrace);

    private readonly TemporaryFolder _folder;
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private ObservedProgram(TemporaryFolder folder, Process process) => (_folder, _process) = (folder, process);

    /// <summary>All that it said.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>The files that it left in its home.</summary>
    public string[] HomeFiles => Directory.GetFiles(Home(_folder), "*", SearchOption.AllDirectories);

    /// <summary>The scratch files that lie in its folder for temporary files, by their names.</summary>
    public string[] ScratchFiles => [.. Directory.GetFiles(Scratch(_folder), "*.scratch").Select(path => Path.GetFileName(path))];

    /// <summary>How many scratch files it has open, with or without a name; Linux only.</summary>
    public int OpenScratchFiles =>
        Directory
            .GetFiles($"/proc/{_process.Id}/fd")
            .Count(file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.FullName.Contains(".scratch") == true);

    /// <summary>Each call by which it opened a file or a connection; empty where it cannot be watched.</summary>
    public string[] Calls => File.Exists(Trace(_folder)) ? File.ReadAllLines(Trace(_folder)) : [];

    /// <summary>Starts it.</summary>
    /// <param name="isTraced">Whether calls are watched, which is slower.</param>
    /// <param name="arguments">The command line.</param>
    public static ObservedProgram Start(bool isTraced, params string[] arguments) => Start(isTraced, scratch: null, arguments);

    /// <summary>Starts it with a folder for its temporary files.</summary>
    /// <param name="scratch">The folder.</param>
    /// <param name="arguments">The command line.</param>
    public static ObservedProgram StartOn(string scratch, params string[] arguments) =>
        Start(isTraced: false, scratch, arguments);

    /// <summary>Starts it in an environment.</summary>
    /// <param name="environment">Variables besides those that it needs.</param>
    /// <param name="arguments">The command line.</param>
    public static ObservedProgram StartIn(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(isTraced: false, scratch: null, arguments, environment);

    private static ObservedProgram Start(
        bool isTraced,
        string? scratch,
        string[] arguments,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(Home(folder));
        Directory.CreateDirectory(Scratch(folder));
        string[] tracer =
            isTraced && CanTrace.Value
                ? ["strace", "-D", "-f", "-qq", "-e", "trace=openat,connect,sendto", "-o", Trace(folder)]
                : [];
        string[] command = [.. tracer, "dotnet", Path.Combine(AppContext.BaseDirectory, "DiffBir.Cli.dll"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var inherited = Inherited.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        start.Environment.Clear();
        foreach (var (name, value) in inherited.Where(variable => variable.Value is not null))
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = Home(folder);
        start.Environment["TMPDIR"] = scratch ?? Scratch(folder);
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var program = new ObservedProgram(folder, new Process { StartInfo = start });
        program._process.OutputDataReceived += program.Hear;
        program._process.ErrorDataReceived += program.Hear;
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Waits until it has said something.</summary>
    /// <returns>All that it said until then.</returns>
    public async Task<string> HearAsync(string text)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!Said.Contains(text, StringComparison.Ordinal))
        {
            _process.HasExited.ShouldBeFalse($"It ended without saying “{text}”: {Said}");
            await Task.Delay(20, timeout.Token);
        }

        return Said;
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static string Home(TemporaryFolder folder) => folder.File("home");

    private static string Scratch(TemporaryFolder folder) => folder.File("scratch");

    private static string Trace(TemporaryFolder folder) => folder.File("calls");

    private static bool TryStrace()
    {
        try
        {
            using var trial = Process.Start("strace", ["-qq", "-o", "/dev/null", "true"]);
            trial.WaitForExit();
            return trial.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
        {
            _said.AppendLine(line.Data);
        }
    }
}
