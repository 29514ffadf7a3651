using DiffBir.Metrics.Reports;

namespace DiffBir.Cli.Trials;

/// <summary>Writes a trial for people, as Markdown: it can be quoted in a model's card as it is.</summary>
internal static class TrialText
{
    /// <summary>Writes a table for each group and for all together, then what follows from them.</summary>
    public static void Write(TrialSummary trial, TextWriter text)
    {
        var metrics = ModelTrial.Metrics;
        text.WriteLine(
            $"| photos made bad | restored by | {string.Join(" | ", metrics.Select(metric => $"{metric.Title}{(metric.HigherIsBetter ? "↑" : "↓")}"))} | seconds |"
        );
        text.WriteLine($"| --- | --- | {string.Join(" | ", metrics.Select(_ => "--:"))} | --: |");
        foreach (var group in trial.Groups.Append(null))
        {
            foreach (var method in trial.Methods)
            {
                var seconds = trial.Seconds(method, group)?.ToString("F1") ?? "";
                text.WriteLine($"| {group ?? "all"} | {method} | {Cells(trial.Mean(method, group))} | {seconds} |");
            }
        }

        text.WriteLine();
        foreach (var finding in Findings(trial))
        {
            text.WriteLine($"- {finding}");
        }
    }

    private static IEnumerable<string> Findings(TrialSummary trial)
    {
        const string stage1 = TrialMethod.Stage1;
        yield return $"Photos: {trial.Photos}; ways of making them bad: {trial.Groups.Count}.";
        yield return $"Stage 1 is closer to the clean photo than bicubic by {trial.Gain(stage1, TrialMethod.Bicubic):F2} dB on average.";
        if (trial.WorstMild(stage1, TrialMethod.Bicubic) is { } worst)
        {
            yield return $"Of all mild photos stage 1 does worst at {Printable.Line(worst.Photo.Photo)} ({worst.Photo.Group.Name}): {worst.Gain:+0.00;-0.00} dB against bicubic.";
        }

        var reference = trial.Mean(stage1);
        foreach (var method in trial.Methods.Where(method => IsTwoStages(method)))
        {
            var mean = trial.Mean(method);
            var changes = ModelTrial
                .Metrics.Where(metric => metric.Name is not ("psnr" or "ssim"))
                .Select(metric =>
                    $"{metric.Title} {reference[metric]?.ToString($"F{metric.Decimals}")} → {mean[metric]?.ToString($"F{metric.Decimals}")}"
                );
            yield return $"Both stages, {method}, against stage 1 alone: PSNR {trial.Gain(method, stage1):+0.00;-0.00} dB, {string.Join(", ", changes)}.";
        }

        if (trial is { RoundTrip: { } trip, WorstRoundTrip: { } least })
        {
            yield return $"Autoencoder alone: PSNR {trip.Values["psnr"]:F2} dB, SSIM {trip.Values["ssim"]:F4} on average; at least {least.Psnr:F2} dB ({Printable.Line(least.Photo)}).";
        }
    }

    private static bool IsTwoStages(string method) =>
        method is not (TrialMethod.Bicubic or TrialMethod.Stage1 or TrialMethod.Clean);

    private static string Cells(Scores scores) =>
        string.Join(" | ", ModelTrial.Metrics.Select(metric => scores[metric]?.ToString($"F{metric.Decimals}") ?? ""));
}
