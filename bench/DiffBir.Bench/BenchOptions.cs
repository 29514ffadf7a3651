namespace DiffBir.Bench;

/// <summary>The command line of the benchmarks.</summary>
internal sealed record BenchOptions(
    string Command,
    IReadOnlyList<string> Names,
    string WeightsFolder,
    int Runs,
    int Threads,
    string? Profile,
    long? MaxMemory,
    bool Cfg,
    int Steps,
    bool Small,
    string? Program
)
{
    /// <summary>Models to compare.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["mini"];

    /// <summary>Kinds of damage; null for all.</summary>
    public IReadOnlyList<string>? Damages { get; init; }

    /// <summary>Photos or damaged files to try; null for as many as the benchmark tries by itself.</summary>
    public long? Count { get; init; }

    /// <summary>The first seed of the damage.</summary>
    public long Seed { get; init; }

    /// <summary>Side of the middle of each photo, in pixels.</summary>
    public int Side { get; init; } = 256;

    /// <summary>How long a stub takes for a photo, in milliseconds.</summary>
    public int Delay { get; init; } = 20;

    /// <summary>Where pictures go; null for nowhere.</summary>
    public string? Out { get; init; }

    /// <summary>The arguments for the same benchmark in a process of its own.</summary>
    public string[] With(string command, params string[] changes) =>
        [
            command,
            "--weights",
            WeightsFolder,
            "--runs",
            $"{Runs}",
            "--threads",
            $"{Threads}",
            "--steps",
            $"{Steps}",
            "--size",
            Small ? "small" : "full",
            .. changes,
        ];

    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new List<string>();
        for (var index = 0; index < arguments.Count; index++)
        {
            if (arguments[index].StartsWith("--", StringComparison.Ordinal) && index + 1 < arguments.Count)
            {
                values[arguments[index]] = arguments[++index];
            }
            else
            {
                names.Add(arguments[index]);
            }
        }

        return new BenchOptions(
            names.FirstOrDefault() ?? "",
            [.. names.Skip(1)],
            values.GetValueOrDefault("--weights", Path.Combine(Path.GetTempPath(), "diffbir-bench")),
            int.Parse(values.GetValueOrDefault("--runs", "3")),
            int.Parse(values.GetValueOrDefault("--threads", "0")),
            values.GetValueOrDefault("--profile"),
            values.TryGetValue("--max-memory", out var bytes) ? long.Parse(bytes) : null,
            values.GetValueOrDefault("--cfg", "on") == "on",
            int.Parse(values.GetValueOrDefault("--steps", "2")),
            values.GetValueOrDefault("--size", "full") == "small",
            values.GetValueOrDefault("--program")
        )
        {
            Models = values.GetValueOrDefault("--models", "mini").Split(','),
            Damages = values.GetValueOrDefault("--damages")?.Split(','),
            Count = values.TryGetValue("--count", out var count) ? long.Parse(count) : null,
            Seed = long.Parse(values.GetValueOrDefault("--seed", "0")),
            Side = int.Parse(values.GetValueOrDefault("--side", "256")),
            Delay = int.Parse(values.GetValueOrDefault("--delay", "20")),
            Out = values.GetValueOrDefault("--out"),
        };
    }

    public static int Usage()
    {
        Console.Error.WriteLine(
            "networks [NAME...] | network NAME | degradation | pipeline | restoration | reuse | memory | megapixels SIDE | load | cluster | cluster-scale [WORKERS...] | corpus FOLDERS --program DIFFBIR | pictures PHOTOS | mutations checkpoints|images [FILE...]   "
                + "[--weights DIR] [--runs N] [--threads N] [--steps N] [--size full|small] [--profile PREFIX] [--max-memory BYTES] [--cfg on|off] [--program DIFFBIR] "
                + "[--models NAME[/stage1|/GUIDANCE],...] [--damages a,b,...] [--count N] [--seed N] [--side PIXELS] [--delay MS] [--out DIR]"
        );
        return 2;
    }
}
