namespace DiffBir.Bench;

/// <summary>Measures what restorations of growing size need and prints its table of docs/performance.md.</summary>
internal static class MemoryTable
{
    /// <summary>1, 4, 16 and 64 megapixels.</summary>
    private static readonly int[] Sides = [1000, 2000, 4000, 8000];

    public static int Print(BenchOptions options)
    {
        Console.WriteLine("| model | output | megapixels | seconds | peak, MB | while | with mapped files, MB |");
        Console.WriteLine("| --- | --- | --: | --: | --: | --- | --: |");
        var sides = options.Names.Count > 0 ? options.Names.Select(int.Parse) : Sides;
        string[] limit = options.MaxMemory is { } bytes ? ["--max-memory", $"{bytes}"] : [];
        var runs = options.Models.SelectMany(model => sides.Select(side => (model, side)));
        var failed = runs.Sum(run =>
            Child.Run(options.With("megapixels", [$"{run.side}", "--models", run.model, .. limit])) ? 0 : 1
        );
        return failed == 0 ? 0 : 1;
    }
}
