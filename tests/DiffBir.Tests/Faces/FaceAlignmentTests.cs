using System.Text.Json;
using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces;

public sealed class FaceAlignmentTests
{
    private static readonly string[] FaceNames =
    [
        "upright",
        "second",
        "turned_40",
        "upside_down",
        "outlier",
        "noisy",
        "far_outside",
        "large",
    ];

    public static TheoryData<string> Faces => [.. FaceNames];

    [ParityFact]
    public void Landmarks_give_the_originals_matrices_with_the_same_outliers()
    {
        var fixture = FaceFixtures.Open("align");
        var inliers = fixture.Integers("many/inliers");
        for (var i = 0; i < fixture.Shape("many/landmarks")[0]; i++)
        {
            var fit = FaceAlignment.Fit(fixture.Face("many/landmarks", i)).ShouldNotBeNull();

            fit.Inliers.Select(isInlier => isInlier ? 1L : 0).ShouldBe(inliers[(5 * i)..(5 * (i + 1))], $"face {i}");
            fit.Transform.ShouldBeCloseTo(fixture.Map("many/matrices", i));
            fixture.Map("many/matrices", i).Inverse().ShouldBeCloseTo(fixture.Map("many/inverse", i), 1e-12);
        }
    }

    [ParityFact]
    public void Points_on_a_line_or_close_together_are_treated_as_in_the_original()
    {
        var fixture = FaceFixtures.Open("align");
        foreach (var name in new[] { "degenerate_line", "degenerate_tiny" })
        {
            var expected = fixture.Json(name);
            var fit = FaceAlignment.Fit(Face(expected)).ShouldNotBeNull(name);

            double[] matrix = [.. expected.GetProperty("matrix").EnumerateArray().SelectMany(Numbers)];
            fit.Transform.ShouldBeCloseTo(new(matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5]));
            fit.Inliers.ShouldBe(Numbers(expected.GetProperty("inliers")).Select(value => value == 1), name);
        }
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(double.NaN, 0)]
    [InlineData(double.PositiveInfinity, 0)]
    public void Points_that_are_no_face_give_no_matrix(double x, double y)
    {
        var point = new FacePoint(x, y);

        FaceAlignment.Estimate(new FaceLandmarks(point, point, point, point, point)).ShouldBeNull();
    }

    [ParityTheory]
    [MemberData(nameof(Faces))]
    public void A_face_is_cut_out_bit_for_bit_as_in_the_original(string name)
    {
        var fixture = FaceFixtures.Open("align");
        var picture = PlanarImage.Of(FaceFixtures.Png("fixtures/align_source_150x130.png"));
        var toFace = FaceAlignment.Estimate(fixture.Face($"{name}/landmarks")).ShouldNotBeNull();

        var face = FacePatch.Cut(picture, toFace, onBytes: true);

        toFace.ShouldBeCloseTo(fixture.Map($"{name}/matrix"));
        if (face is null)
        {
            name.ShouldBe("far_outside");
            FaceFixtures.Png($"fixtures/align_{name}.png").Bytes().Distinct().Count().ShouldBe(3, "Border alone");
        }
        else if (fixture.Contains($"{name}/crop_every_8th"))
        {
            EveryEighth(face).ShouldBe(fixture.Picture($"{name}/crop_every_8th").Bytes());
        }
        else
        {
            face.Bytes().ShouldBe(FaceFixtures.Png($"fixtures/align_{name}.png").Bytes());
        }
    }

    private static FaceLandmarks Face(JsonElement description) =>
        FaceLandmarks.Of([
            .. description.GetProperty("points").EnumerateArray().Select(p => new FacePoint(p[0].GetDouble(), p[1].GetDouble())),
        ]);

    private static IEnumerable<double> Numbers(JsonElement list) => list.EnumerateArray().Select(value => value.GetDouble());

    private static int[] EveryEighth(Tensor face) =>
        [
            .. from plane in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, FaceAlignment.Side / 8)
            from x in Enumerable.Range(0, FaceAlignment.Side / 8)
            select (int)MathF.Round(255 * face.Data[(((plane * FaceAlignment.Side) + (8 * y)) * FaceAlignment.Side) + (8 * x)]),
        ];
}
