using DiffBir.Engine;

namespace DiffBir.Tests.Engine;

public sealed class ProcessorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("diffbir-cpu-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, 4, "0-1", "0-1", "2-3", "2-3")] // two processors a core
    [InlineData(2, 2, "0", "1")] // as in most virtual machines
    [InlineData(1, 1, "0", "1")] // a container that may use one
    public void There_is_a_thread_for_each_core(int threads, int allowed, params string[] siblings)
    {
        for (var processor = 0; processor < siblings.Length; processor++)
        {
            var topology = Path.Combine(_folder, $"cpu{processor}", "topology");
            Directory.CreateDirectory(topology);
            File.WriteAllText(Path.Combine(topology, "thread_siblings_list"), siblings[processor]);
        }

        Directory.CreateDirectory(Path.Combine(_folder, "cpufreq"));

        Processors.ThreadsOf(_folder, allowed).ShouldBe(threads);
    }

    [Fact]
    public void Where_the_kernel_says_nothing_each_processor_is_a_core()
    {
        Processors.ThreadsOf(Path.Combine(_folder, "missing"), 6).ShouldBe(6);
        Processors.ThreadsOf(_folder, 6).ShouldBe(6);
    }

    [Fact]
    public void Without_a_number_all_cores_are_used()
    {
        new EngineOptions().ThreadsToUse.ShouldBe(Processors.Threads);
        (new EngineOptions() with { Threads = 3 }).ThreadsToUse.ShouldBe(3);
        Processors.Threads.ShouldBeInRange(OperatingSystem.IsLinux() ? 1 : 0, Environment.ProcessorCount);
    }
}
