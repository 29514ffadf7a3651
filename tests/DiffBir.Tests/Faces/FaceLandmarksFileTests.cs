using DiffBir.Faces;
using DiffBir.Options;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces;

public sealed class FaceLandmarksFileTests
{
    private const string Face = "[[30, 40], [70, 40.5], [50, 60], [35, 8e1], [-65, 80]]";

    [Theory]
    [InlineData($$"""{"landmarks": [{{Face}}]}""")]
    [InlineData($"[{Face}]")]
    public void A_list_of_faces_is_read(string text)
    {
        var face = Read(text).ShouldHaveSingleItem();

        face.ShouldBe(new FaceLandmarks(new(30, 40), new(70, 40.5), new(50, 60), new(35, 80), new(-65, 80)));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"landmarks": []}""")]
    public void A_photo_may_have_no_face(string text) => Read(text).ShouldBeEmpty();

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("no json", "cannot be read")]
    [InlineData("{}", "has no list of faces")]
    [InlineData("7", "has no list of faces")]
    [InlineData("[7]", "face (number 1) that is not 5 points")]
    [InlineData($"[{Face}, [[1, 2]]]", "face (number 2) that is not 5 points")]
    [InlineData("[[[1, 2], [1, 2], [1, 2], [1, 2], [1]]]", "a point in face 1 that is not two numbers")]
    [InlineData("""[[[1, 2], [1, 2], [1, 2], [1, 2], [1, "2"]]]""", "a point in face 1 that is not two numbers")]
    [InlineData("[[[1, 2], [1, 2], [1, 2], [1, 2], [1, 1e999]]]", "a point in face 1 that is not two numbers")]
    [InlineData("[[[1, 2], [1, 2], [1, 2], [1, 2], [1, -1000001]]]", "a point in face 1 that is not two numbers")]
    [InlineData("[[[1, 2], [1, 2], [1, 2], [1, 2], [1, NaN]]]", "cannot be read")]
    [InlineData("[[[[[[[[[[[[1]]]]]]]]]]]]", "cannot be read")]
    public void Anything_else_is_one_clear_error(string text, string expected)
    {
        var error = Should.Throw<OptionException>(() => Read(text));

        error.Message.ShouldContain(expected);
        error.Message.ShouldContain("five points [x, y] for each face");
        error.Message.ShouldContain("(--face-landmarks)");
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void Too_many_faces_and_too_large_files_are_refused()
    {
        var many = string.Join(",", Enumerable.Repeat("[[1,2],[3,2],[2,3],[1,4],[3,4]]", FaceLandmarks.MaxFaces + 1));

        Should.Throw<OptionException>(() => Read($"[{many}]")).Message.ShouldContain("1001 faces, and 1000 are allowed");
        Should.Throw<OptionException>(() => Read(new string(' ', 1_000_001))).Message.ShouldContain("1000001 bytes");
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();

        Should.Throw<OptionException>(() => FaceLandmarksFile.Read(folder.File("none.json"))).Message.ShouldContain("none.json");
        Should.Throw<OptionException>(() => FaceLandmarksFile.Read(folder.Path)).Message.ShouldContain("cannot be read");
    }

    private static IReadOnlyList<FaceLandmarks> Read(string text)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("faces.json");
        File.WriteAllText(path, text);
        return FaceLandmarksFile.Read(path);
    }
}
