using DiffBir.Imaging;
using Xunit.Abstractions;

namespace DiffBir.Tests.Support;

/// <summary>Compares picture files with those of the original.</summary>
internal static class PictureAssert
{
    /// <summary>Asserts that nearly all values are the same up to one level of 8 bits, and none is far away.</summary>
    /// <param name="output">Told how many are how far away.</param>
    /// <param name="actualFile">The file.</param>
    /// <param name="expectedFile">The original's.</param>
    /// <param name="share">The share of values that are at most one level away.</param>
    /// <param name="max">The most levels that any value may be away.</param>
    public static void ShouldMatch(ITestOutputHelper output, string actualFile, string expectedFile, double share, int max)
    {
        using var actual = ImageFile.Read(actualFile);
        using var expected = ImageFile.Read(expectedFile);
        var (ours, theirs) = (actual.Pixels.ToTensor(), expected.Pixels.ToTensor());
        ours.Validate("result", theirs.Shape);
        var levels = new int[256];
        for (var index = 0; index < ours.Length; index++)
        {
            levels[(int)MathF.Round(MathF.Abs(ours.Data[index] - theirs.Data[index]) * 255)]++;
        }

        output.WriteLine(
            $"{Path.GetFileName(actualFile)}: {levels[0]} values equal, {levels[1]} one level off, {levels[2]} two, {levels[3]} three, {levels[4..].Sum()} more."
        );
        (levels[0] + levels[1]).ShouldBeGreaterThanOrEqualTo((int)Math.Ceiling(share * ours.Length));
        levels[(max + 1)..].Sum().ShouldBe(0);
    }
}
