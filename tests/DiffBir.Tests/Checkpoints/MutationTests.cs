using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using DiffBir.Checkpoints;
using DiffBir.Tests.Support;
using Xunit.Abstractions;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Valid files damaged at random: each opens or is refused with a sentence; nothing else may happen.</summary>
public sealed partial class MutationTests(ITestOutputHelper output)
{
    private const int FewMutations = 1500;
    private const int ManyMutations = 30_000;

    // The buffers and messages of a refusal and what opening the undamaged file takes, with room for the runtime.
    private const long AllowedBytes = 1 << 20;
    private const int RegexMilliseconds = 1000;
    private const double AllowedSeconds = 5; // a hang, not a slow machine

    private static readonly string[] Names =
    [
        "odd_tensors.pth",
        "odd_tensors_protocol4.pth",
        "odd_tensors_legacy.pth",
        "odd_tensors.safetensors",
    ];

    // The bytes of the storages 0, 1, … of odd_tensors.pth.
    private static readonly long[] OddStorages = [240, 240, 80, 8, 4, 0, 8, 16, 4, 4, 16, 8, 4, 2, 2, 3];

    private const string PickleInArchive = "data.pkl in a sound archive";

    public static TheoryData<string> Files => [.. Names, PickleInArchive];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_damaged_file_opens_or_is_refused(string name) => Run(name, FewMutations);

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Files))]
    public void A_damaged_file_opens_or_is_refused_in_the_long_run(string name) => Run(name, ManyMutations);

    private void Run(string name, int mutations)
    {
        var original = name == PickleInArchive ? OddPickle() : Read(name);
        byte[][] others = [.. Names.Select(Read)];
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        long maxBytes = 0;
        double maxSeconds = 0;
        using var scratch = new ScratchFile();
        Open(scratch.Replace(Wrap(original))).ShouldBe("opened");
        for (var seed = 0; seed < mutations; seed++)
        {
            var damaged = Wrap(
                new Mutator((ulong)seed).Mutate(original, others[seed % others.Length], keepLength: seed % 2 == 0)
            );
            var path = scratch.Replace(damaged);
            var clock = Stopwatch.StartNew();
            var before = GC.GetAllocatedBytesForCurrentThread();

            var outcome = Open(path);

            var bytes = GC.GetAllocatedBytesForCurrentThread() - before - damaged.Length;
            bytes.ShouldBeLessThan(AllowedBytes, $"seed {seed}: {outcome}");
            clock.Elapsed.TotalSeconds.ShouldBeLessThan(AllowedSeconds, $"seed {seed}: {outcome}");
            maxBytes = Math.Max(maxBytes, bytes);
            maxSeconds = Math.Max(maxSeconds, clock.Elapsed.TotalSeconds);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        byte[] Wrap(byte[] content) => name == PickleInArchive ? Archive(content) : content;

        output.WriteLine(
            $"{name}: {mutations} mutations; at most {maxBytes / 1024} KB beyond the file's size and {maxSeconds * 1000:f0} ms"
        );
        foreach (var (outcome, count) in outcomes.OrderByDescending(pair => pair.Value))
        {
            output.WriteLine($"{count, 7}  {outcome}");
        }
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Golden.PathOf($"checkpoints/{name}"));

    private static byte[] OddPickle()
    {
        using var zip = ZipFile.OpenRead(Golden.PathOf("checkpoints/odd_tensors.pth"));
        using var stream = zip.GetEntry("odd_tensors/data.pkl")!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>The archive again around another pickle.</summary>
    private static byte[] Archive(byte[] pickle) => ZipBuilder.Torch(pickle, OddStorages).Build();

    /// <summary>Opens a file and reads all its tensors; any exception but the one for users fails the test.</summary>
    private static string Open(string path)
    {
        try
        {
            var checkpoint = Checkpoint.Open(path);
            foreach (var name in checkpoint.Tensors.Keys)
            {
                checkpoint.Read(name);
            }

            return "opened";
        }
        catch (CheckpointException e)
        {
            e.Message.ShouldEndWith(".");
            e.Message.ShouldNotContain("\n");
            e.Message.Length.ShouldBeLessThan(500);
            return Skeleton(e.Message);
        }
    }

    /// <summary>The message without what differs from file to file.</summary>
    private static string Skeleton(string message)
    {
        var start = message.IndexOf("': ", StringComparison.Ordinal);
        var reason = start < 0 ? message : message[(start + 3)..];
        return Quoted().Replace(Numbers().Replace(reason, "#"), "'…'");
    }

    [GeneratedRegex("'[^']*'", RegexOptions.ExplicitCapture, RegexMilliseconds)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"0x[0-9a-f]+|\[[-0-9, ]*\]|-?\b\d+\b", RegexOptions.ExplicitCapture, RegexMilliseconds)]
    private static partial Regex Numbers();
}
