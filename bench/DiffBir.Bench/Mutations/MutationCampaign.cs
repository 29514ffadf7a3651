using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace DiffBir.Bench.Mutations;

/// <summary>Many damaged files, read in processes that may die of them: each death is found again by its seed.</summary>
internal sealed class MutationCampaign : IDisposable
{
    private const long RangeSeeds = 10_000;
    private const long DefaultSeeds = 10_000;

    /// <summary>Without a next seed for so long, a process hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(200);

    private readonly BenchOptions _bench;
    private readonly string _progressFile = Path.GetTempFileName();
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _progress;

    private MutationCampaign(BenchOptions bench)
    {
        _bench = bench;
        _map = MemoryMappedFile.CreateFromFile(_progressFile, FileMode.Open, null, sizeof(long));
        _progress = _map.CreateViewAccessor();
    }

    /// <summary>Prints what became of <c>--count</c> seeds from <c>--seed</c> on.</summary>
    /// <returns>0 where nothing was found, else 1.</returns>
    public static int Print(BenchOptions bench)
    {
        if (bench.Names.Count == 0 || !MutationTarget.Kinds.Contains(bench.Names[0]))
        {
            return BenchOptions.Usage();
        }

        using var campaign = new MutationCampaign(bench);
        return campaign.Print();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _progress.Dispose();
        _map.Dispose();
        File.Delete(_progressFile);
    }

    private int Print()
    {
        var start = Stopwatch.GetTimestamp();
        var (first, count) = (_bench.Seed, _bench.Count ?? DefaultSeeds);
        var total = MutationTally.None;
        for (var done = 0L; done < count; done += RangeSeeds)
        {
            var tally = Tally(first + done, Math.Min(RangeSeeds, count - done));
            foreach (var finding in tally.Findings)
            {
                Console.WriteLine($"found with {_bench.Names[0]}, {finding}");
            }

            total += tally;
            Console.Error.WriteLine($"{Math.Min(done + RangeSeeds, count):N0} of {count:N0}, {total.Findings.Count} findings");
        }

        var minutes = Stopwatch.GetElapsedTime(start).TotalMinutes;
        Console.WriteLine(
            "| damaged | seeds | still read | refused in a sentence | anything else | peak, MB | longest, s of processor | minutes |"
        );
        Console.WriteLine("| --- | --- | --: | --: | --: | --: | --: | --: |");
        Console.WriteLine(
            $"| {count:N0} {_bench.Names[0]} | {first}–{first + count - 1} | {total.Read:N0} | {total.Refused:N0} | {total.Findings.Count} "
                + $"| {total.PeakBytes / 1e6:f1} | {total.MaxSeconds:f1} | {minutes:f0} |"
        );
        return total.Findings.Count == 0 ? 0 : 1;
    }

    /// <summary>The tally of a range; where its process dies, of what came before that seed and what comes after it.</summary>
    private MutationTally Tally(long first, long count)
    {
        if (count <= 0)
        {
            return MutationTally.None;
        }

        _progress.Write(0, first);
        using var process = Start(first, count);
        var output = process.StandardOutput.ReadToEndAsync();
        var isHanging = !WaitWhileItGoesOn(process);
        if (process.ExitCode == 0)
        {
            return JsonSerializer.Deserialize<MutationTally>(output.Result)!;
        }

        var deadly = _progress.ReadInt64(0);
        var finding = isHanging ? "no end within a minute" : $"the process died with exit code {process.ExitCode}";
        return Tally(first, deadly - first)
            + (MutationTally.None with { Findings = [$"seed {deadly}: {finding}"] })
            + Tally(deadly + 1, first + count - deadly - 1);
    }

    private Process Start(long first, long count)
    {
        var (kind, files) = (_bench.Names[0], _bench.Names.Skip(1).Select(Path.GetFullPath));
        string[] arguments = ["mutation-range", kind, _progressFile, .. files, "--seed", $"{first}", "--count", $"{count}"];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return Process.Start(start)!;
    }

    /// <returns>Whether it ended by itself.</returns>
    private bool WaitWhileItGoesOn(Process process)
    {
        var (seed, since) = (-1L, Stopwatch.GetTimestamp());
        while (!process.WaitForExit(PollEvery))
        {
            if (_progress.ReadInt64(0) is var now && now != seed)
            {
                (seed, since) = (now, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                process.Kill();
                process.WaitForExit();
                return false;
            }
        }

        return true;
    }
}
