using System.Diagnostics;
using System.Text.Json;
using DiffBir.Imaging;

namespace DiffBir.Bench.Corpora;

/// <summary>Pictures that strangers made to break readers, through the command line as one batch.</summary>
internal sealed class CorpusBenchmark : IDisposable
{
    private const int MaxSentenceLength = 600;
    private const int Interrupted = 130; // exit codes from here on are no answer of the program
    private const string StackTrace = "   at ";

    private readonly string _out = Directory.CreateTempSubdirectory("diffbir-bench-").FullName;
    private readonly List<string> _findings = [];

    private CorpusBenchmark() { }

    /// <summary>Degrades all pictures of folders (<c>NAMES</c>), and restores those of at most <c>--side</c> pixels, with <c>--program</c>.</summary>
    /// <returns>0 where nothing was found, else 1.</returns>
    public static int Print(BenchOptions bench)
    {
        if (bench.Program is null || bench.Names.Count == 0)
        {
            return BenchOptions.Usage();
        }

        using var corpus = new CorpusBenchmark();
        var files = bench.Names.SelectMany(Files).Order(StringComparer.Ordinal).ToList();
        Console.WriteLine("| command | files | done | refused in a sentence | anything else | seconds |");
        Console.WriteLine("| --- | --: | --: | --: | --: | --: |");
        corpus.Try(bench.Program, "degrade", files, ["--seed", "1"]);
        var small = files.Where(file => IsAtMost(file, bench.Side)).ToList();
        var model = bench.Models[0];
        corpus.Try(
            bench.Program,
            "restore",
            small,
            ["--model", model, "--stage1-only", "--upscale", "1", "--device", "cpu", "--threads", "1"]
        );
        corpus._findings.ForEach(Console.WriteLine);
        return corpus._findings.Count == 0 ? 0 : 1;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_out, recursive: true);

    /// <summary>What the command line would look at, by its name.</summary>
    private static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(Path.GetFullPath(folder), "*", SearchOption.AllDirectories)
            .Where(file => ImageFormats.FromExtension(file) is not null);

    /// <summary>Whether a picture is small; one whose header cannot be read takes no time either.</summary>
    private static bool IsAtMost(string file, int side)
    {
        try
        {
            var info = ImageFile.Inspect(file);
            return Math.Max(info.Width, info.Height) <= side;
        }
        catch (ImageException)
        {
            return true;
        }
    }

    private void Try(string program, string command, List<string> files, string[] options)
    {
        var folder = Path.Combine(_out, command);
        var start = Stopwatch.GetTimestamp();
        var arguments = new ProcessStartInfo(program, [command, .. files, "-o", folder + "/", "--json", .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(arguments)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var before = _findings.Count;
        var (done, refused) = Classify(output, files);
        Validate(process.ExitCode < Interrupted, $"{command}: the process ended with {process.ExitCode}");
        Validate(
            process.ExitCode == (refused.Count > 0 ? 1 : 0),
            $"{command}: exit code {process.ExitCode}, {refused.Count} refused"
        );
        Validate(!error.Result.Contains(StackTrace, StringComparison.Ordinal), $"{command}: a stack trace: {error.Result}");
        foreach (var (input, sentence) in refused)
        {
            Validate(IsSentence(sentence), $"{command}: {input} was refused, but in no sentence: {sentence}");
        }

        foreach (var (input, result) in done)
        {
            Validate(IsPicture(result), $"{command}: {input} became no picture: {result}");
        }

        foreach (var input in files.Where(file => !done.ContainsKey(file) && !refused.ContainsKey(file)))
        {
            Validate(false, $"{command}: nothing was said about {input}");
        }

        foreach (var leftover in Directory.EnumerateFiles(_out, "*.tmp", SearchOption.AllDirectories))
        {
            Validate(false, $"{command}: {leftover} was left behind");
        }

        Console.WriteLine(
            $"| {command} | {files.Count} | {done.Count} | {refused.Count} | {_findings.Count - before} | {seconds:f0} |"
        );
    }

    /// <summary>What became of each file: the result, or the reason why there is none.</summary>
    private (Dictionary<string, string> Done, Dictionary<string, string> Refused) Classify(
        string output,
        IReadOnlyList<string> files
    )
    {
        var (done, refused) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var values = JsonDocument.Parse(line).RootElement;
            var input = values.GetProperty("input").GetString()!;
            Validate(files.Contains(input), $"{input} was not asked for");
            if (values.TryGetProperty("error", out var reason))
            {
                refused[input] = reason.GetString()!;
            }
            else if (values.TryGetProperty("output", out var one))
            {
                done[input] = one.GetString()!;
            }
            else if (values.TryGetProperty("outputs", out var several))
            {
                done[input] = several[0].GetString()!;
            }
        }

        return (done, refused);
    }

    private static bool IsSentence(string text) =>
        text.EndsWith('.')
        && text.Length <= MaxSentenceLength
        && !text.Contains('\n')
        && !text.Contains(StackTrace, StringComparison.Ordinal)
        && !text.Contains("Exception", StringComparison.Ordinal)
        && !text.Contains("(Parameter ", StringComparison.Ordinal);

    private static bool IsPicture(string path)
    {
        try
        {
            return ImageFile.Inspect(path).Width > 0;
        }
        catch (ImageException)
        {
            return false;
        }
    }

    private void Validate(bool holds, string finding)
    {
        if (!holds)
        {
            _findings.Add($"found with {finding}");
        }
    }
}
