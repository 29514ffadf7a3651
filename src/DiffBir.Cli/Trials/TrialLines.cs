using DiffBir.Cli.Display;
using DiffBir.Metrics.Reports;

namespace DiffBir.Cli.Trials;

/// <summary>Writes a trial for programs: a line for each picture, then one for each mean.</summary>
internal static class TrialLines
{
    private const string Autoencoder = "autoencoder";

    /// <summary>Writes the lines.</summary>
    public static void Write(TrialSummary trial, TextWriter output)
    {
        foreach (var result in trial.Results)
        {
            JsonLines.Write(
                output,
                new
                {
                    result.Photo,
                    Group = result.Group.Name,
                    result.Method,
                    Scores = Values(result.Scores),
                    result.Seconds,
                }
            );
        }

        foreach (var (photo, scores) in trial.RoundTrips)
        {
            JsonLines.Write(
                output,
                new
                {
                    Photo = photo,
                    Method = Autoencoder,
                    Scores = Values(scores),
                }
            );
        }

        foreach (var group in trial.Groups.Append(null))
        {
            foreach (var method in trial.Methods)
            {
                JsonLines.Write(
                    output,
                    new
                    {
                        Group = group,
                        Method = method,
                        Mean = Values(trial.Mean(method, group)),
                        Seconds = trial.Seconds(method, group),
                    }
                );
            }
        }

        if (trial.RoundTrip is { } trip)
        {
            JsonLines.Write(output, new { Method = Autoencoder, Mean = Values(trip) });
        }
    }

    private static Dictionary<string, double> Values(Scores scores) =>
        scores
            .Values.Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Value!.Value, StringComparer.Ordinal);
}
