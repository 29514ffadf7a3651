using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces;

public sealed class FacePatchTests
{
    // The mask's blur adds its values in another order than OpenCV's.
    private const double BlurTolerance = 2e-6;

    private static readonly FacePaste Paste = new(OnBytes: true);

    private static readonly string[] MapNames = ["turn", "small", "half", "mirror"];

    public static TheoryData<string> Maps => [.. MapNames];

    [ParityTheory]
    [MemberData(nameof(Maps))]
    public void Pictures_are_mapped_bit_for_bit_as_by_OpenCV(string map)
    {
        var fixture = FaceFixtures.Open("opencv");
        var transform = fixture.Map($"warp/{map}/matrix");
        foreach (var picture in new[] { "noise", "smooth" })
        {
            var (gray, black) = (Empty(3), Empty(3));
            AffineWarp.Apply(new(fixture.Picture(picture)), transform, gray, true, 135 / 255f, 133 / 255f, 132 / 255f);
            AffineWarp.Apply(new(fixture.Picture(picture)), transform, black, true, 0, 0, 0);

            gray.Values.Bytes().ShouldBe(fixture.Picture($"warp/{map}/{picture}_u8").Bytes());
            black.Values.Bytes().ShouldBe(fixture.Picture($"warp/{map}/{picture}_u8_black").Bytes());
        }

        var ones = new Tensor(1, 1, 32, 32);
        ones.Span.Fill(1);
        var (mask, ramp) = (Empty(1), Empty(1));
        AffineWarp.Apply(new(ones), transform, mask, false, 0);
        AffineWarp.Apply(new(fixture.Plane("ramp")), transform, ramp, false, 0);
        mask.Values.Data.ShouldBe(fixture.Plane($"warp/{map}/ones_f32").Data);
        ramp.Values.ShouldBeCloseTo(fixture.Plane($"warp/{map}/ramp_f64_linear"), 1e-4, "ramp");
        transform.Inverse().Values().ShouldBe(fixture.Map($"warp/{map}/inverse").Values());
    }

    [ParityFact]
    public void Masks_are_eroded_and_blurred_as_by_OpenCV()
    {
        var fixture = FaceFixtures.Open("opencv");
        var spot = fixture.Plane("spot");
        foreach (var size in new[] { 0, 1, 2, 3, 4, 6, 10 })
        {
            MaskFilters.Erode(spot, size).Data.ShouldBe(fixture.Plane($"erode/{size}").Data, $"erosion by {size}");
        }

        foreach (var size in new[] { 1, 3, 5, 7, 9, 15, 25 })
        {
            MaskFilters.Blur(spot, size).ShouldBeCloseTo(fixture.Plane($"gauss/f32_{size}"), BlurTolerance, $"blur by {size}");
        }

        for (var size = 1; size <= 41; size += 2)
        {
            var kernel = MaskFilters.Kernel(size, sigma: null);
            new Tensor(kernel, size).ShouldBeCloseTo(fixture.Tensor($"gauss/kernel_{size}"), 1e-7, $"kernel {size}");
        }

        var disc = MaskFilters.Blur(MaskFilters.Blur(fixture.Plane("gauss/disc"), 101, 11), 101, 11);
        disc.ShouldMatch(fixture.Plane("gauss/disc_twice_101_11"), BlurTolerance, "disc");
    }

    [ParityTheory]
    [InlineData("one")]
    [InlineData("border")]
    public void A_face_is_placed_with_the_originals_masks(string name)
    {
        var fixture = FaceFixtures.Open("paste");
        var toPicture = fixture.Map($"{name}/inverse");
        var face = FaceFixtures.Png($"fixtures/paste_{name}_restored.png");
        var window = new ImageWindow(new Tensor(1, 3, 101, 116));

        AffineWarp.Apply(new(face), toPicture, window, true, 0, 0, 0);
        window.Values.Bytes().ShouldBe(fixture.Picture($"{name}/face0_warped").Bytes());

        var eroded = fixture.Plane($"{name}/face0_mask_eroded");
        MaskFilters.Erode(fixture.Plane($"{name}/face0_mask"), 2).Data.ShouldBe(eroded.Data);
        FaceMask.Soften(eroded).ShouldBeCloseTo(fixture.Plane($"{name}/face0_mask_soft"), BlurTolerance, "mask");
        FaceMask.Inside(toPicture, window).Data.ShouldBe(eroded.Data);

        // The part that holds the face suffices: what is outside of it is 0.
        var mask = Paste.Into(face, toPicture, PlanarImage.Of(new Tensor(1, 3, 101, 116))).ShouldNotBeNull();
        for (var i = 0; i < mask.Values.Length; i++)
        {
            var (y, x) = (mask.Top + (i / mask.Width), mask.Left + (i % mask.Width));
            mask.Values.Data[i].ShouldBe(fixture.Plane($"{name}/face0_mask_soft").Data[(y * 116) + x], BlurTolerance);
        }
    }

    [ParityFact]
    public void A_face_is_pasted_as_in_the_original()
    {
        var fixture = FaceFixtures.Open("paste");

        var pasted = Pasted(fixture, Paste with { DarkensRim = true });

        var expected = fixture.Picture("no_parse/output").Bytes();
        var differences = pasted.Zip(expected).Select(pair => Math.Abs(pair.First - pair.Second)).ToList();
        differences.Max().ShouldBeLessThanOrEqualTo(1);
        differences.Count(difference => difference > 0).ShouldBeLessThan(differences.Count / 1000);
    }

    [ParityFact]
    public void Without_the_originals_dark_rim_only_the_rim_is_brighter()
    {
        var fixture = FaceFixtures.Open("paste");
        var (inside, seen) = (fixture.Plane("one/face0_mask_eroded").Data, fixture.Plane("one/face0_mask_soft").Data);

        var (ours, original) = (Pasted(fixture, Paste), Pasted(fixture, Paste with { DarkensRim = true }));

        var brighter = 0;
        for (var i = 0; i < ours.Length; i++)
        {
            var isRim = inside[i % inside.Length] < 1 && seen[i % inside.Length] > 0;
            ours[i].ShouldBeInRange(original[i], isRim ? 255 : original[i]);
            brighter += ours[i] > original[i] ? 1 : 0;
        }

        brighter.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(0, 60, 45)]
    [InlineData(38, 60, 45)]
    [InlineData(90, 2, 88)]
    public void A_face_of_its_backgrounds_color_leaves_no_trace(int degrees, int x, int y)
    {
        var (face, picture) = (new Tensor(1, 3, 512, 512), new Tensor(1, 3, 90, 120));
        face.Span.Fill(200 / 255f);
        picture.Span.Fill(200 / 255f);

        Paste.Into(face, Placed(degrees, scale: 0.11, x, y), PlanarImage.Of(picture)).ShouldNotBeNull();

        picture.Data.Max().ShouldBe(200 / 255f, 1e-6);
        picture.Data.Min().ShouldBe(200 / 255f, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(38)]
    [InlineData(90)]
    [InlineData(-61)]
    public void What_is_outside_a_face_stays_and_the_same_face_changes_little(int degrees)
    {
        var picture = Pictures.Gradient(90, 120);
        var before = Smooth(picture);
        var after = before.Clone();
        var toPicture = Placed(degrees, scale: 0.11, x: 60, y: 45);

        var face = FacePatch.Cut(PlanarImage.Of(before), toPicture.Inverse(), onBytes: false)!;
        var mask = new FacePaste(OnBytes: false).Into(face, toPicture, PlanarImage.Of(after)).ShouldNotBeNull();

        mask.Values.Data.Max().ShouldBe(1, 1e-5);
        for (var i = 0; i < after.Length; i++)
        {
            var (y, x) = (i / 120 % 90, i % 120);
            var isInside =
                y >= mask.Top
                && y < mask.Top + mask.Height
                && x >= mask.Left
                && x < mask.Left + mask.Width
                && mask.Values.Data[((y - mask.Top) * mask.Width) + x - mask.Left] > 0;
            after.Data[i].ShouldBe(before.Data[i], isInside ? 2 / 255f : 0);
        }
    }

    [Fact]
    public void An_upright_face_of_its_own_size_gives_the_photo_back()
    {
        var before = Pictures.Gradient(600, 700);
        var after = before.Clone();
        var toPicture = AffineTransform.Similarity(1, 0, 100, 50);

        var face = FacePatch.Cut(PlanarImage.Of(before), toPicture.Inverse(), onBytes: true)!;
        Paste.Into(face, toPicture, PlanarImage.Of(after)).ShouldNotBeNull();

        // One row and one column beyond the face, which its edge goes on into, are seen a little.
        after.ShouldBeCloseTo(before, 0.1 / 255, "photo");
    }

    [Theory]
    [InlineData(0, 0, 45)]
    [InlineData(0, 119, 0)]
    [InlineData(38, 60, 89)]
    public void A_face_that_reaches_over_the_photos_border_is_put_back_up_to_the_border(int degrees, int x, int y)
    {
        var before = Smooth(Pictures.Gradient(90, 120));
        var after = before.Clone();
        var toPicture = Placed(degrees, scale: 0.11, x, y);

        var face = FacePatch.Cut(PlanarImage.Of(before), toPicture.Inverse(), onBytes: false, FacePatch.ContinuedEdge)!;
        var mask = new FacePaste(OnBytes: false).Into(face, toPicture, PlanarImage.Of(after)).ShouldNotBeNull();

        mask.Values.Data[((y - mask.Top) * mask.Width) + x - mask.Left].ShouldBe(1, 1e-5, "At the border it is seen");
        after.ShouldBeCloseTo(before, 2.0 / 255, "photo");
    }

    [Fact]
    public void A_face_outside_the_photo_changes_nothing()
    {
        var photo = PlanarImage.Of(Pictures.Gradient(40, 40));
        var toPicture = Placed(0, scale: 0.1, x: 500, y: 0);

        FacePatch.Problem((40, 40), toPicture).ShouldBe("lies outside the photo");
        FacePatch.Cut(photo, toPicture.Inverse(), onBytes: true).ShouldBeNull();
        Paste.Into(new Tensor(1, 3, 512, 512), toPicture, photo).ShouldBeNull();
        photo.ToTensor().Data.ShouldBe(Pictures.Gradient(40, 40).Data);
    }

    [Theory]
    [InlineData(20_000, null)]
    [InlineData(50_000, "covers 50000x50000 pixels, more than the ")]
    public void A_face_of_more_pixels_than_an_array_holds_is_told_before_it_is_cut(int side, string? says)
    {
        var toPicture = Placed(0, scale: side * 2.0 / FaceAlignment.Side, x: side / 2, y: side / 2);

        var problem = FacePatch.Problem((side, side), toPicture);

        (problem ?? "").ShouldStartWith(says ?? "");
        (problem is null).ShouldBe(says is null);
    }

    /// <summary>The fixture's face in its background, in whole numbers as the original cuts them off.</summary>
    private static int[] Pasted(Fixture fixture, FacePaste paste)
    {
        var input = FaceFixtures.Png("fixtures/paste_input_116x101.png");
        var aligned = FacePatch.Cut(PlanarImage.Of(input), fixture.Map("no_parse/matrices"), onBytes: true)!;
        var background = FaceFixtures.Inverted(input);
        paste.Into(FaceFixtures.Restored(aligned), fixture.Map("no_parse/inverse"), PlanarImage.Of(background));
        return Quantization.OnBytes(background, Rounding.Truncate).Bytes();
    }

    private static ImageWindow Empty(int planes) => new(new Tensor(1, planes, 36, 40));

    private static AffineTransform Placed(double degrees, double scale, double x, double y)
    {
        var angle = degrees * Math.PI / 180;
        var (a, b) = (scale * Math.Cos(angle), scale * Math.Sin(angle));
        const int Center = FaceAlignment.Side / 2;
        return AffineTransform.Similarity(a, b, x - ((a - b) * Center), y - ((b + a) * Center));
    }

    /// <summary>Few details, as interpolation loses some.</summary>
    private static Tensor Smooth(Tensor picture) =>
        Resampling.Resize(
            Resampling.Resize(picture, 6, 8, Interpolation.Area),
            picture.Size(2),
            picture.Size(3),
            Interpolation.BicubicAntialiased
        );
}
