namespace DiffBir.Bench;

/// <summary>Measures what restorations of growing size need and prints the table of the README.</summary>
internal static class MemoryTable
{
    /// <summary>1, 4, 16 and 64 megapixels.</summary>
    private static readonly int[] Sides = [1024, 2048, 4096, 8192];

    public static int Print(BenchOptions options)
    {
        Console.WriteLine("| output | megapixels | seconds | peak, MB | while |");
        Console.WriteLine("| --- | --: | --: | --: | --- |");
        var sides = options.Names.Count > 0 ? options.Names.Select(int.Parse) : Sides;
        string[] limit = options.MaxMemory is { } bytes ? ["--max-memory", $"{bytes}"] : [];
        var failed = sides.Sum(side => Child.Run(options.With("megapixels", [$"{side}", .. limit])) ? 0 : 1);
        return failed == 0 ? 0 : 1;
    }
}
