using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Faces.Cascades;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces.Cascades;

/// <summary>Cascades as OpenCV's: read, searched with, grouped.</summary>
public sealed class CascadeTests
{
    [Fact]
    public void A_pattern_is_found_where_it_is_in_its_size_and_its_negative_is_not()
    {
        var picture = new Tensor(1, 1, 144, 192);
        picture.Span.Fill(60 / 255f);
        SyntheticCascades.Fill(picture, (69, 46, 54, 60), 200);
        var negative = new Tensor([.. picture.Data.Select(value => 1 - value)], 1, 1, 144, 192);
        var search = new CascadeSearch(Read(SyntheticCascades.Face));

        var hit = search.Find(picture, CancellationToken.None).MaxBy(found => found.Votes);

        hit.Votes.ShouldBeGreaterThan(4);
        ((double)hit.Width).ShouldBe(72, 15);
        (hit.X + (hit.Width / 2.0)).ShouldBe(96, 8);
        (hit.Y + (hit.Height / 2.0)).ShouldBe(76, 8);
        search
            .Find(negative, CancellationToken.None)
            .Where(found => found.Width > 50 && found.X is > 50 and < 75)
            .ShouldBeEmpty();
    }

    [Fact]
    public void Sums_of_tilted_triangles_are_those_of_their_pixels()
    {
        var picture = new Tensor(1, 1, 9, 7);
        for (var i = 0; i < picture.Length; i++)
        {
            picture.Data[i] = i * 37 % 256 / 255f;
        }

        var image = new IntegralImage(picture, withTilted: true);

        for (var y = 0; y <= 9; y++)
        {
            for (var x = 0; x <= 7; x++)
            {
                var expected = 0;
                for (var i = 0; i < picture.Length; i++)
                {
                    var (row, column) = (i / 7, i % 7);
                    expected += row < y && Math.Abs(column - x + 1) <= y - row - 1 ? i * 37 % 256 : 0;
                }

                image.TiltedSums[(y * image.Stride) + x].ShouldBe(expected, $"({x}, {y})");
            }
        }
    }

    [Theory]
    [InlineData(5, 4, "112 107 151 58 166 193 97 157 47 196 57 203 178 162 61 153 109 168 82 192")]
    [InlineData(
        3,
        12,
        "217 149 117 135 143 74 73 128 50 52 90 138 111 47 97 237 196 124 77 57 15 139 203 179 137 153 144 119 158 133 81 51 192 223 175 88"
    )]
    public void Pictures_are_resized_as_by_OpenCV_for_its_cascades(int height, int width, string expected)
    {
        byte[] picture =
        [
            .. (byte[])[153, 63, 191, 77, 41, 176, 52, 28, 71],
            .. (byte[])[249, 130, 105, 177, 28, 124, 30, 78, 171],
            .. (byte[])[170, 154, 32, 235, 80, 83, 108, 228, 115],
            .. (byte[])[111, 9, 244, 189, 85, 64, 8, 217, 179],
            .. (byte[])[103, 216, 138, 173, 73, 82, 87, 187, 79],
            .. (byte[])[107, 232, 133, 154, 119, 3, 214, 245, 24],
            .. (byte[])[198, 25, 71, 187, 102, 77, 220, 189, 217],
        ];
        var gray = new Tensor([.. picture.Select(value => value / 255f)], 1, 1, 7, 9);

        var resized = OpenCvResizer.ResizeExactly(gray, height, width); // INTER_LINEAR_EXACT of OpenCV 4.6

        string.Join(' ', resized.Data.Select(value => (int)MathF.Round(value * 255))).ShouldBe(expected);
    }

    [Fact]
    public void A_face_has_the_points_that_follow_from_its_eyes()
    {
        using var folder = new TemporaryFolder();
        var detector = new CascadeFaceDetector(CascadeFiles.Of(SyntheticCascades.Write(folder))!);
        using var photo = PlanarImage.Of(SyntheticCascades.PictureOfFace());

        var face = detector.Detect(photo, long.MaxValue, CancellationToken.None).ShouldHaveSingleItem();

        const double Tolerance = 3; // pixels: windows are some apart
        face.Landmarks.LeftEye.X.ShouldBe(83.5, Tolerance);
        face.Landmarks.LeftEye.Y.ShouldBe(67.5, Tolerance);
        face.Landmarks.RightEye.X.ShouldBe(107.5, Tolerance);
        face.Landmarks.RightEye.Y.ShouldBe(67.5, Tolerance);
        face.Landmarks.Nose.Y.ShouldBeInRange(74, 92);
        face.Landmarks.LeftMouth.Y.ShouldBeGreaterThan(face.Landmarks.Nose.Y);
    }

    [Fact]
    public void Whatever_takes_everything_for_a_face_finds_none()
    {
        var everything = SyntheticCascades.LeftIsBright.Replace("0.5<", "-9<", StringComparison.Ordinal);
        var picture = new Tensor(1, 1, 400, 400);
        for (var i = 0; i < picture.Length; i++)
        {
            picture.Data[i] = (i * 7919) % 256 / 255f;
        }

        new CascadeSearch(Read(everything)).Find(picture, CancellationToken.None).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0 -1 0 1<", "0 -1 0 NaN<", "\"NaN\" in it is not a number")]
    [InlineData("0 -1 0 1<", "1 -1 0 1<", "leads to 1, which is no later node and no leaf")]
    [InlineData("0 -1 0 1<", "0 -1 0 1 0 -1 0 1<", "8 numbers for nodes")]
    [InlineData("0 -1 0 1<", "0 -1 0 1 0 1 0 1<", "8 numbers for nodes")]
    [InlineData("0 -1 0 1<", "0 -2147483648 0 1<", "leads to -2147483648")]
    [InlineData("0 -1 0 1<", "0 -1 9 1<", "needs the feature 9, and there are 1")]
    [InlineData("-1. 1.", "-1.", "1 leaves")]
    [InlineData("<stageNum>1<", "<stageNum>1000000000<", "says it has 1000000000 stages, and has 1")]
    [InlineData("<stageNum>1</stageNum>", "", "an element \"stageNum\" is missing")]
    [InlineData("<width>24<", "<width>2000000000<", "its width is 2000000000 pixels")]
    [InlineData("0 0 12 24 2.", "0 0 12 2147483647 2.", "one outside the window of 24x24")]
    [InlineData("0 0 12 24 2.", "0 0 12", "has 3 numbers, and must have 5")]
    [InlineData("opencv-cascade-classifier", "opencv-haar-classifier", "it holds no opencv-cascade-classifier")]
    [InlineData("<stages>", "<stages><!--", "cannot be used")]
    public void A_wrong_file_is_one_error(string from, string to, string says)
    {
        var text = SyntheticCascades.LeftIsBright;
        text.ShouldContain(from);

        var error = Should.Throw<CheckpointException>(() => Read(text.Replace(from, to, StringComparison.Ordinal)));

        error.Message.ShouldContain(says);
        error.Message.ShouldContain("opencv-data");
    }

    [Fact]
    public void Children_that_stand_before_their_parents_would_lead_in_circles()
    {
        var text = SyntheticCascades
            .LeftIsBright.Replace("0 -1 0 1<", "1 0 0 1 1 -2 0 1<", StringComparison.Ordinal)
            .Replace("-1. 1.", "-1. 1. 1.", StringComparison.Ordinal);

        Should.Throw<CheckpointException>(() => Read(text)).Message.ShouldContain("node 1 of one of its trees leads to 1");
    }

    [Fact]
    public void Deep_and_large_files_are_refused_before_they_are_built()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 100_000));
        Should.Throw<CheckpointException>(() => Read(deep)).Message.ShouldContain("nested");
        Should.Throw<CheckpointException>(() => Read(new string(' ', 8_000_001))).Message.ShouldContain("8000000 are allowed");
        const string Bomb = """<!DOCTYPE a [<!ENTITY b "cc">]><opencv_storage>&b;</opencv_storage>""";
        Should.Throw<CheckpointException>(() => Read(Bomb)).Message.ShouldContain("DTD");
    }

    private static Cascade Read(string text)
    {
        using var folder = new TemporaryFolder();
        return CascadeReader.Read(folder.Write("cascade.xml", Encoding.UTF8.GetBytes(text)));
    }
}
