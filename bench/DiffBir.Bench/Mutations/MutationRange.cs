using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace DiffBir.Bench.Mutations;

/// <summary>What became of some seeds.</summary>
/// <param name="Read">How many damaged files could still be read.</param>
/// <param name="Refused">How many were refused in a sentence.</param>
/// <param name="PeakBytes">The most memory that one took.</param>
/// <param name="MaxSeconds">The longest that the processor had one.</param>
/// <param name="Findings">The seeds at which anything else happened, and what.</param>
internal sealed record MutationTally(long Read, long Refused, long PeakBytes, double MaxSeconds, IReadOnlyList<string> Findings)
{
    public static MutationTally None { get; } = new(0, 0, 0, 0, []);

    public static MutationTally operator +(MutationTally left, MutationTally right) =>
        new(
            left.Read + right.Read,
            left.Refused + right.Refused,
            Math.Max(left.PeakBytes, right.PeakBytes),
            Math.Max(left.MaxSeconds, right.MaxSeconds),
            [.. left.Findings, .. right.Findings]
        );
}

/// <summary>Seeds one after another in this process, which a codec may take with it.</summary>
internal static class MutationRange
{
    /// <summary>Of the processor; what stands still without it is found by <see cref="MutationCampaign"/>.</summary>
    private const double AllowedSeconds = 10;

    /// <summary>Prints the tally of a range: names are the kind, the file that tells the seed in progress, and further seed files.</summary>
    public static int Print(BenchOptions bench)
    {
        var (kind, progressFile, files) = (bench.Names[0], bench.Names[1], bench.Names.Skip(2).ToList());
        using var map = MemoryMappedFile.CreateFromFile(progressFile, FileMode.Open);
        using var progress = map.CreateViewAccessor();
        using var target = MutationTarget.Of(kind, files);
        var tally = MutationTally.None;
        for (var seed = (ulong)bench.Seed; seed < (ulong)(bench.Seed + bench.Count!.Value); seed++)
        {
            progress.Write(0, seed);
            tally += Try(target, seed);
        }

        Console.WriteLine(JsonSerializer.Serialize(tally));
        return 0;
    }

    /// <summary>Throws where a refusal is not one sentence that can be shown.</summary>
    public static void ValidateSentence(string message, int maxLength)
    {
        if (message.Length > maxLength || message.Contains('\n') || !message.EndsWith('.'))
        {
            throw new InvalidOperationException($"A refusal is no sentence: {message}");
        }
    }

    private static MutationTally Try(MutationTarget target, ulong seed)
    {
        target.Damage(seed);
        var start = Environment.CpuUsage.TotalTime;
        string? refusal;
        try
        {
            refusal = target.Read();
        }
        catch (Exception undocumented)
        {
            return MutationTally.None with { Findings = [$"seed {seed}: {undocumented}"] };
        }

        var (bytes, seconds) = (target.BytesTaken, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
        return new MutationTally(
            refusal is null ? 1 : 0,
            refusal is null ? 0 : 1,
            bytes,
            seconds,
            bytes > target.AllowedBytes ? [$"seed {seed}: {bytes:N0} bytes were taken; {refusal ?? "it was read."}"]
                : seconds > AllowedSeconds ? [$"seed {seed}: {seconds:f1} s of the processor; {refusal ?? "it was read."}"]
                : []
        );
    }
}
