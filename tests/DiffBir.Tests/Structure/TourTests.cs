using System.Globalization;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Structure;

/// <summary>Who follows one photo through the code opens few files.</summary>
public sealed class TourTests
{
    private const int MaxFiles = 59;
    private const string Heading = "## One photo, file by file";

    private static readonly string Walk = Documents.Text("docs/tour.md").Split(Heading)[1].Split("\n## ")[0];

    private static readonly IReadOnlyList<string> Files =
    [
        .. Documents.Spans(Walk).Where(span => span.EndsWith(".cs", StringComparison.Ordinal)),
    ];

    [Fact]
    public void The_walk_through_the_library_opens_fewer_than_60_files_and_says_how_many()
    {
        Files.ShouldBeUnique();
        Files.Count.ShouldBeInRange(1, MaxFiles);
        Walk.ShouldContain($": {Files.Count.ToString(CultureInfo.InvariantCulture)} files");
    }

    [Fact]
    public void Each_file_of_the_walk_is_one_of_the_library() =>
        Files.Where(file => !File.Exists(Path.Combine(WorkingCopy.Folder, "src", "DiffBir", file))).ShouldBeEmpty();

    [Fact]
    public void Every_stage_that_the_photo_goes_through_is_on_the_walk()
    {
        var pack = PackCatalog.Find(PackCatalog.Mini);

        Pipeline
            .Of(pack, new RestorationOptions().Settle(pack))
            .Stages.Select(stage => $"Restoration/Stages/{stage.GetType().Name}.cs")
            .ShouldBeSubsetOf(Files);
    }
}
