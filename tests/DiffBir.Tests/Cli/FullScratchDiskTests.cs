using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary>The folder for temporary files is really full.</summary>
public sealed class FullScratchDiskTests : IDisposable
{
    private const int Side = 900; // as three planes of floats 9.7 MB, more than the limit keeps in memory

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [SmallDiskTheory]
    [InlineData(4_000_000)] // the photo itself has no room
    [InlineData(14_000_000)] // what is made of it has none
    public async Task A_photo_without_room_for_its_scratch_files_fails_in_a_sentence_and_the_next_one_is_restored(long bytes)
    {
        using var disk = new SmallDisk(bytes);
        _bench.Picture("large.png", side: Side);
        _bench.Picture("small.png");

        using var program = ObservedProgram.StartOn(
            disk.Path,
            _bench.CommandLine(_bench.In, "-o", _bench.Out, "--stage1-only", "--max-memory", "256MB")
        );
        var exitCode = await program.EndAsync();

        exitCode.ShouldBe(1, program.Said);
        program.Said.ShouldMatch($@"large\.png: A scratch file of \d+ MB could not be made in {disk.Path}");
        program.Said.ShouldNotContain("   at ");
        _bench.Results().ShouldBe(["small.png"]);
        Directory.GetFiles(disk.Path, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
