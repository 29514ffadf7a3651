using DiffBir.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Files;

public sealed class FileIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The two ways of finding out: the system's numbers, and the path behind all links.</summary>
    public static TheoryData<bool> Ways => [false, true];

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [MemberData(nameof(Ways))]
    public void Every_path_to_a_file_gives_the_same(bool byPath)
    {
        var folder = Directory.CreateDirectory(_folder.File("real/inner")).FullName;
        var file = _folder.Write("real/inner/a.png", [1]);
        var chain = Directory.CreateSymbolicLink(_folder.File("one"), "real").FullName;
        var link = Directory.CreateSymbolicLink(_folder.File("two"), Path.Combine(chain, "inner")).FullName;
        var fileLink = File.CreateSymbolicLink(_folder.File("b.png"), Path.Combine("two", "a.png")).FullName;

        var identity = Of(file, byPath).ShouldNotBeNull();

        Of(Path.Combine(link, "a.png"), byPath).ShouldBe(identity);
        Of(fileLink, byPath).ShouldBe(identity);
        Of(Path.Combine(folder, "..", "inner", "a.png"), byPath).ShouldBe(identity);
        Of(link, byPath).ShouldBe(Of(folder, byPath));
        Of(chain, byPath).ShouldNotBe(Of(folder, byPath));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_is_not_there_has_none(bool byPath) => Of(_folder.File("nothing"), byPath).ShouldBeNull();

    [UnixTheory]
    [MemberData(nameof(Ways))]
    public void A_link_to_itself_ends(bool byPath)
    {
        File.CreateSymbolicLink(_folder.File("self"), "self");

        Should.NotThrow(() => Of(_folder.File("self"), byPath));
    }

    [LinuxFact("Elsewhere the path decides.")]
    public void Hard_links_are_one_file()
    {
        var file = _folder.Write("a.png", [1]);
        DiffBir.Packs.Files.HardLink.TryCreate(_folder.File("b.png"), file).ShouldBeTrue();

        FileIdentity.Of(_folder.File("b.png")).ShouldBe(FileIdentity.Of(file));
    }

    private static FileIdentity? Of(string path, bool byPath) => byPath ? FileIdentity.ByPath(path) : FileIdentity.Of(path);
}
