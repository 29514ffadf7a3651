using DiffBir.Degradation;
using DiffBir.Metrics.Reports;

namespace DiffBir.Cli.Trials;

/// <summary>What a trial found, put together.</summary>
/// <param name="results">The measures of every picture.</param>
/// <param name="roundTrips">The measures of the good photos that went through the autoencoder alone; empty if none did.</param>
internal sealed class TrialSummary(IReadOnlyList<TrialResult> results, IReadOnlyList<(string Photo, Scores Scores)> roundTrips)
{
    private const string Psnr = "psnr";

    /// <summary>The methods, in the order of the table.</summary>
    public IReadOnlyList<string> Methods { get; } = [.. results.Select(result => result.Method).Distinct().OrderBy(Rank)];

    /// <summary>The groups, in the order of the trial.</summary>
    public IReadOnlyList<string> Groups { get; } = [.. results.Select(result => result.Group.Name).Distinct()];

    /// <summary>The number of photos.</summary>
    public int Photos { get; } = results.Select(result => result.Photo).Distinct().Count();

    /// <summary>The measures of every picture.</summary>
    public IReadOnlyList<TrialResult> Results => results;

    /// <summary>The measures of the autoencoder alone, photo by photo.</summary>
    public IReadOnlyList<(string Photo, Scores Scores)> RoundTrips => roundTrips;

    /// <summary>The mean measures of the autoencoder alone; null if it was not tried.</summary>
    public Scores? RoundTrip =>
        roundTrips.Count > 0 ? Scores.Mean([.. roundTrips.Select(trip => trip.Scores)], ModelTrial.Metrics) : null;

    /// <summary>The photo that suffers most in the autoencoder; null if it was not tried.</summary>
    public (string Photo, double Psnr)? WorstRoundTrip =>
        roundTrips.Count > 0
            ? roundTrips.Select(trip => (trip.Photo, trip.Scores.Values[Psnr]!.Value)).MinBy(trip => trip.Value)
            : null;

    /// <summary>The mean measures of a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="group">The group; null for all groups together.</param>
    public Scores Mean(string method, string? group = null) =>
        Scores.Mean([.. Of(method, group).Select(result => result.Scores)], ModelTrial.Metrics);

    /// <summary>The mean time of a method in seconds; null for what took none.</summary>
    public double? Seconds(string method, string? group = null) => Of(method, group).Average(result => result.Seconds);

    /// <summary>How much closer to the good photos a method is than another one, in dB: the mean over all groups.</summary>
    public double Gain(string method, string over) => Gains(method, over).Average(gain => gain.Gain);

    /// <summary>The mild photo at which a method does worst, compared with another one; null if no photo was mild.</summary>
    public (TrialResult Photo, double Gain)? WorstMild(string method, string over) =>
        Gains(method, over)
            .Where(gain => gain.Photo.Group.Severity == Severity.Mild)
            .Cast<(TrialResult, double Gain)?>()
            .MinBy(gain => gain!.Value.Gain);

    private IEnumerable<(TrialResult Photo, double Gain)> Gains(string method, string over)
    {
        var others = Of(over, null).ToDictionary(result => (result.Group.Name, result.Photo));
        return Of(method, null)
            .Select(result =>
            {
                var other = others[(result.Group.Name, result.Photo)];
                return (result, result.Scores.Values[Psnr]!.Value - other.Scores.Values[Psnr]!.Value);
            });
    }

    private IEnumerable<TrialResult> Of(string method, string? group) =>
        results.Where(result => result.Method == method && (group is null || result.Group.Name == group));

    private static int Rank(string method) =>
        method switch
        {
            TrialMethod.Bicubic => 0,
            TrialMethod.Clean => 2,
            _ => 1,
        };
}
