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
        );
    }

    public static int Usage()
    {
        Console.Error.WriteLine(
            "networks [NAME...] | network NAME | degradation | pipeline | restoration | memory | megapixels SIDE | load   "
                + "[--weights DIR] [--runs N] [--threads N] [--steps N] [--size full|small] [--profile PREFIX] [--max-memory BYTES] [--cfg on|off] [--program DIFFBIR]"
        );
        return 2;
    }
}
