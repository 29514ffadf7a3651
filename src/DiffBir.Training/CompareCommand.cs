using System.CommandLine;
using System.Globalization;
using DiffBir.Imaging;
using DiffBir.Training.Runs;

namespace DiffBir.Training;

/// <summary><c>diffbir-train compare</c>: draws the curves of runs side by side.</summary>
internal static class CompareCommand
{
    private static readonly Argument<string[]> Runs = new("RUN")
    {
        Description = "The folders of runs, one or more; they may still be going on",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Out = new("--out", "-o") { Description = "The picture, a PNG file", Required = true };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("compare", "Draws the metrics of runs side by side, and says where each ended") { Runs, Out };
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, (p, _) => Compare(p), cancellation));
        return command;
    }

    private static int Compare(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(Out);
        if (ImageFormats.FromExtension(path) != ImageFormat.Png)
        {
            throw new DiffBirException($"'{path}' is no name of a PNG file. Use one that ends in .png (--out).");
        }

        var runs = Array.ConvertAll(parsed.GetRequiredValue(Runs), RunMetrics.Read);
        string[] metrics = [.. runs.SelectMany(run => run.Metrics).Distinct()];
        if (metrics.Length == 0)
        {
            throw new DiffBirException("None of these runs has metrics yet.");
        }

        File.WriteAllBytes(path, RunCurves.Draw(runs, metrics));
        var output = parsed.InvocationConfiguration.Output;
        foreach (var metric in metrics)
        {
            output.WriteLine($"{metric}: {string.Join("  ", runs.Select(run => $"{run.Name} {Last(run, metric)}"))}");
        }

        return ExitCode.Success;
    }

    private static string Last(RunMetrics run, string metric) =>
        run.Of(metric) is { Count: > 0 } curve
            ? string.Create(CultureInfo.InvariantCulture, $"{curve.Last().Value:G5} at step {curve.Last().Key}")
            : "-";
}
