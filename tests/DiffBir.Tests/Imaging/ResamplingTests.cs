using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging;

public sealed class ResamplingTests
{
    private const double FloatTolerance = 2e-6; // sums of up to 20 weights in another order, in fp32, on values up to 1
    private const double DraftTolerance = 1e-5;

    public static TheoryData<string> PillowCases => Cases("image_ops", "pil_bicubic/", "image");

    public static TheoryData<string> AntialiasedCases => Cases("image_ops", "bicubic_antialias/", "x");

    public static TheoryData<string> InterpolateCases => Cases("degradation", "interpolate/", "image");

    [ParityTheory]
    [MemberData(nameof(PillowCases))]
    public void Pillows_bicubic_is_reproduced_to_the_last_bit(string name)
    {
        var fixture = Parity.Fixture("image_ops");
        var expected = FromBytes(fixture, name);

        var actual = Resampling.ResizeAsPillow(FromBytes(fixture, "pil_bicubic/image"), expected.Size(2), expected.Size(3));

        actual.ShouldBeCloseTo(expected, tolerance: 0);
    }

    [ParityTheory]
    [MemberData(nameof(AntialiasedCases))]
    public void Antialiased_bicubic_equals_torch(string name)
    {
        var fixture = Parity.Fixture("image_ops");
        var expected = fixture.Tensor(name);

        Resampling
            .Resize(fixture.Tensor("bicubic_antialias/x"), expected.Size(2), expected.Size(3), Interpolation.BicubicAntialiased)
            .ShouldBeCloseTo(expected, FloatTolerance);
    }

    [ParityTheory]
    [MemberData(nameof(InterpolateCases))]
    public void Interpolation_without_antialiasing_equals_torch(string name)
    {
        var fixture = Parity.Fixture("degradation");
        var expected = fixture.Tensor(name);
        var image = fixture.Tensor("interpolate/image");
        var parts = name["interpolate/".Length..].Split('_');
        var mode = Enum.Parse<Interpolation>(parts[0], ignoreCase: true);

        var actual =
            parts[1] == "to"
                ? Resampling.Resize(image, expected.Size(2), expected.Size(3), mode)
                : Resampling.Resize(image, double.Parse(parts[1][1..]), mode);

        actual.ShouldBeCloseTo(expected, FloatTolerance);
    }

    [ParityFact]
    public void The_size_for_a_short_side_is_rounded_as_in_the_original()
    {
        foreach (var row in Parity.Fixture("image_ops").Json("resize_short_edge_to_512").EnumerateArray())
        {
            var sizes = row.Deserialize<int[]>()!;
            Resampling.ShortSideTo(512, new(sizes[0], sizes[1])).ShouldBe(new(sizes[2], sizes[3]));
        }
    }

    [Theory]
    [InlineData(1, 1, 7, 3)]
    [InlineData(2, 3, 1, 1)]
    [InlineData(1, 300, 1, 40)]
    [InlineData(37, 1, 200, 1)]
    [InlineData(517, 33, 19, 700)]
    public void A_flat_image_stays_flat_at_every_size(int height, int width, int newHeight, int newWidth)
    {
        var flat = new Tensor(2, 3, height, width);
        flat.Span.Fill(102 / 255f);
        var expected = new Tensor(2, 3, newHeight, newWidth);
        expected.Span.Fill(102 / 255f);

        foreach (var mode in Enum.GetValues<Interpolation>())
        {
            Resampling.Resize(flat, newHeight, newWidth, mode).ShouldBeCloseTo(expected, DraftTolerance, mode.ToString());
        }

        foreach (var filter in Enum.GetValues<PillowFilter>())
        {
            Resampling.ResizeAsPillow(flat, newHeight, newWidth, filter).ShouldBeCloseTo(expected, 0, filter.ToString());
        }
    }

    [Fact]
    public void Resizing_to_the_same_size_changes_nothing()
    {
        var image = Pictures.Gradient(23, 31);

        foreach (var mode in Enum.GetValues<Interpolation>())
        {
            Resampling.Resize(image, 23, 31, mode).ShouldBeCloseTo(image, FloatTolerance, mode.ToString());
        }
    }

    [Fact]
    public void Strips_join_without_a_seam()
    {
        // A ramp stays a ramp inside, whatever strip a row belongs to.
        var ramp = new Tensor(1, 1, 400, 5);
        for (var index = 0; index < ramp.Length; index++)
        {
            ramp.Data[index] = index / 5 / 400f;
        }

        var result = Resampling.Resize(ramp, 1600, 5, Interpolation.BicubicAntialiased);

        for (var y = 10; y < 1590; y++)
        {
            result.Data[(y * 5) + 2].ShouldBe((((y + 0.5f) / 4) - 0.5f) / 400, 1e-5f);
        }
    }

    [Fact]
    public void A_size_below_one_pixel_is_refused()
    {
        Should
            .Throw<ShapeException>(() => Resampling.Resize(new Tensor(1, 3, 4, 4), 0, 9, Interpolation.Area))
            .Message.ShouldBe("An image of 4×4 cannot become 9×0: each side must keep at least 1 pixel.");
    }

    private static TheoryData<string> Cases(string fixture, string prefix, string except) =>
        Parity.Folder is null
            ? ["absent"]
            :
            [
                .. Parity
                    .Fixture(fixture)
                    .Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                    .Where(name => name != prefix + except),
            ];

    /// <summary>A stored [H,W,3] picture of bytes as [1,3,H,W] in [0,1].</summary>
    private static Tensor FromBytes(Fixture fixture, string name)
    {
        var shape = fixture.Shape(name);
        var bytes = fixture.Doubles(name);
        var image = new Tensor(1, 3, shape[0], shape[1]);
        var plane = shape[0] * shape[1];
        for (var index = 0; index < bytes.Length; index++)
        {
            image.Data[(index % 3 * plane) + (index / 3)] = (float)bytes[index] / 255f;
        }

        return image;
    }
}
