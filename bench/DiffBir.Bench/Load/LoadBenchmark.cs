using System.Diagnostics;

namespace DiffBir.Bench.Load;

/// <summary>Proves that a server under load keeps its promises: everything accepted comes to an honest end, memory and disk stay within bounds, a crash loses nothing.</summary>
internal static class LoadBenchmark
{
    private const int Clients = 20;
    private const int UploadsOfEach = 10;
    private const int Rounds = 8;
    private const long DiskBudget = 25_000_000;
    private const double MaxGrowth = 1.15; // of memory from the second round to the last
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public static async Task<int> PrintAsync(BenchOptions options)
    {
        var program = options.Program ?? FindProgram();
        var root = Directory.CreateTempSubdirectory("diffbir-load-").FullName;
        try
        {
            var (pack, data) = (Path.Combine(root, "pack"), Path.Combine(root, "data"));
            TinyPack.Write(pack);
            string[] arguments =
            [
                "--model",
                pack,
                "--data",
                data,
                "--disk",
                $"{DiskBudget / 1_000_000}MB",
                "--max-upload",
                "1MB",
                "--max-queue",
                "50",
                "--device",
                "cpu",
                "--threads",
                "1",
            ];
            await LoadAsync(program, arguments, data);
            await CrashAsync(program, arguments, data);
            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task LoadAsync(string program, string[] arguments, string data)
    {
        using var server = await ServerProcess.StartAsync(program, arguments);
        using (var first = new LoadClient(server.Address, 0, new LoadTally()))
        {
            await first.ValidateResultAsync((await first.SendAsync(1, steps: 2))[0]);
        }

        await Task.Delay(Settle);
        Console.WriteLine($"After one photo: {Megabytes(server.MemoryBytes)} of memory.");
        using var disk = new FolderPeak(data);
        var levels = new List<long>();
        for (var round = 1; round <= Rounds; round++)
        {
            var tally = new LoadTally();
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => RunAsync(server.Address, number, tally)));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await Task.Delay(Settle);
            levels.Add(server.MemoryBytes);
            Console.WriteLine(
                $"Round {round}: {Clients} clients, {Clients * UploadsOfEach} uploads in {seconds:f1} s ({tally}); {Megabytes(levels[^1])} of memory, {Megabytes(FolderPeak.SizeOf(data))} on disk."
            );
        }

        Console.WriteLine(
            $"The data folder never held more than {Megabytes(disk.Bytes)} of files; its budget is {Megabytes(DiskBudget)}."
        );
        Validate(disk.Bytes <= DiskBudget, "The data folder exceeded its budget.");
        Validate(levels[^1] <= levels[1] * MaxGrowth, "The memory grows from round to round.");
        Validate(IsEmpty(data, "incoming"), "Uploads that were cut off were left behind.");
    }

    private static async Task CrashAsync(string program, string[] arguments, string data)
    {
        IReadOnlyList<string> jobs;
        int before;
        using (var server = await ServerProcess.StartAsync(program, arguments))
        {
            var senders = Enumerable
                .Range(0, 4)
                .Select(number => new LoadClient(server.Address, number, new LoadTally()))
                .ToList();
            var sent = await Task.WhenAll(senders.Select(sender => sender.SendAsync(10, steps: 40)));
            jobs = [.. sent.SelectMany(ids => ids)];
            while ((before = await senders[0].CountFinishedAsync(jobs)) < jobs.Count / 4)
            {
                await Task.Delay(50);
            }

            await server.KillAsync();
            senders.ForEach(sender => sender.Dispose());
        }

        using var again = await ServerProcess.StartAsync(program, arguments);
        using var client = new LoadClient(again.Address, 0, new LoadTally());
        foreach (var id in jobs)
        {
            await client.ValidateResultAsync(id);
        }

        Console.WriteLine(
            $"kill -9 after {before} of {jobs.Count} accepted photos; after the restart all {jobs.Count} have their results."
        );
        Validate(IsEmpty(data, "incoming"), "Uploads that were cut off were left behind.");
    }

    private static async Task RunAsync(Uri address, int number, LoadTally tally)
    {
        using var client = new LoadClient(address, number, tally);
        await client.RunAsync(UploadsOfEach);
    }

    private static bool IsEmpty(string data, string folder) =>
        !Directory.EnumerateFileSystemEntries(Path.Combine(data, folder)).Any();

    private static void Validate(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static string Megabytes(long bytes) => $"{bytes / 1e6:f1} MB";

    private static string FindProgram()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DiffBir.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? "", "src/DiffBir.Cli/bin/Release/net10.0/diffbir");
    }
}
