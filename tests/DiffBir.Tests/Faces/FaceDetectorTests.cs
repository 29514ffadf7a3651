using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces;

public sealed class FaceDetectorTests
{
    // Pixels: what single precision leaves of coordinates, decoded in doubles here.
    private const double Tolerance = 0.05;

    [ParityTheory]
    [InlineData("even")]
    [InlineData("odd")]
    [InlineData("tiny")]
    public void Anchors_and_what_is_decoded_from_them_are_the_originals(string picture)
    {
        var fixture = FaceFixtures.Open("retinaface");
        var shape = fixture.Shape($"{picture}/image");
        float[] anchors =
        [
            .. FaceAnchors
                .Of(shape[0], shape[1])
                .SelectMany(a => new[] { a.X, a.Y, a.Width, a.Height })
                .Select(value => (float)value),
        ];

        new Tensor(anchors, anchors.Length / 4, 4).ShouldBeCloseTo(fixture[$"{picture}/priors"], 1e-7, "anchors");

        foreach (var (text, threshold) in new[] { ("0.8", 0.8), ("0.1", 0.1), ("0.04", 0.04) })
        {
            var decoded = FaceAnchors.Decode(Outputs(fixture, picture), shape[0], shape[1], threshold);
            var kept = FaceAnchors.Suppress(decoded, maxOverlap: 0.4, FaceLandmarks.MaxFaces);

            Rows(kept).ShouldBeCloseTo(fixture.Doubles($"{picture}/rows_{text}"), Tolerance, $"rows above {text}");
        }
    }

    [ParityTheory]
    [InlineData("even")]
    [InlineData("odd")]
    [InlineData("tiny")]
    public void Faces_of_a_picture_are_the_originals_when_its_colors_are(string picture)
    {
        var fixture = FaceFixtures.Open("retinaface");
        using var detector = Detector(swapsColors: true);

        var faces = detector.Detect(fixture.Picture($"{picture}/image"), CancellationToken.None);

        Rows(faces).ShouldBeCloseTo(fixture.Doubles($"{picture}/rows_0.8"), Tolerance, "rows");
    }

    [ParityFact]
    public void By_default_the_network_sees_colors_in_the_order_of_its_training()
    {
        var fixture = FaceFixtures.Open("retinaface");
        var picture = fixture.Picture("even/image");
        using var original = Detector(swapsColors: true);
        using var ours = Detector(swapsColors: false);

        var swapped = ours.Detect(Reversed(picture), CancellationToken.None);

        Rows(swapped).ShouldBeCloseTo(Rows(original.Detect(picture, CancellationToken.None)), 1e-3, "red as blue");
    }

    [ParityTheory]
    [InlineData("v21_one_face")]
    [InlineData("v2_two_faces_short")]
    public void Faces_of_a_photo_are_the_originals_where_it_searches_as_the_original(string name)
    {
        var description = JsonDocument.Parse(File.ReadAllText(FaceFixtures.PathOf($"full/{name}/case.json"))).RootElement;
        var photo = FaceFixtures.Png($"full/{name}/input.png");
        var enlarged = Resampling.ResizeAsPillow(photo, 4 * photo.Size(2), 4 * photo.Size(3));
        var working = OpenCvResizer.Resize(enlarged, 512.0 / Math.Min(enlarged.Size(2), enlarged.Size(3)));
        using var detector = Detector(swapsColors: true);

        var faces = detector.DetectAsOriginal(working, CancellationToken.None);

        var expected = FaceFixtures.FacesOfCase(description);
        faces.Count.ShouldBe(expected.Length);
        foreach (var (face, truth) in faces.Zip(expected))
        {
            foreach (var (point, place) in face.Landmarks.Points.Zip(truth.Points))
            {
                point.DistanceTo(place).ShouldBeLessThan(Tolerance);
            }
        }
    }

    [ParityFact]
    public void Pictures_are_resized_bit_for_bit_as_by_OpenCV()
    {
        var fixture = FaceFixtures.Open("opencv");
        foreach (var name in fixture.Names.Where(name => name.StartsWith("resize/", StringComparison.Ordinal)))
        {
            var (way, picture) = (name.Split('/')[1].Split('_'), fixture.Picture(name.Split('/')[2]));
            var expected = fixture.Picture(name);

            var resized = way switch
            {
                ["linear", "factor", var factor] => OpenCvResizer.Resize(
                    picture,
                    double.Parse(factor, CultureInfo.InvariantCulture)
                ),
                ["linear", _] => OpenCvResizer.Resize(picture, expected.Size(2), expected.Size(3)),
                _ => OpenCvResizer.ResizeByLanczos(picture, expected.Size(2), expected.Size(3)),
            };

            resized.Bytes().ShouldBe(expected.Bytes(), name);
        }
    }

    [ParityFact]
    public void Faces_are_told_in_pixels_of_the_photo_however_large_the_network_sees_it()
    {
        var fixture = FaceFixtures.Open("retinaface");
        var photo = PlanarImage.Of(Reversed(fixture.Picture("even/image")));
        using var detector = Detector(swapsColors: false);
        var (height, width) = detector.SizeFor(photo.Height, photo.Width, long.MaxValue);

        var faces = detector.Detect(photo, long.MaxValue, CancellationToken.None);

        var seen = Resampling.Resize(photo.ToTensor(), height, width, Interpolation.BicubicAntialiased);
        var expected = detector.Detect(seen, CancellationToken.None).Select(face => face.Scaled(160.0 / width, 192.0 / height));
        Rows(faces).ShouldBe(Rows(expected));
        (height, width).ShouldBe((768, 640));
    }

    [Theory]
    [InlineData(100, 200, long.MaxValue, 640, 1280)]
    [InlineData(700, 900, long.MaxValue, 700, 900)]
    [InlineData(3000, 4000, long.MaxValue, 1536, 2048)]
    [InlineData(3000, 4000, 1, 480, 640)]
    [InlineData(1, 30000, long.MaxValue, 1, 2048)]
    public void The_network_sees_as_much_as_is_of_use_and_fits_into_memory(
        int height,
        int width,
        long memory,
        int seenHeight,
        int seenWidth
    )
    {
        using var detector = new FaceDetector(
            new RetinaFaceConfig { Planes = 4, Width = 8 },
            () => new Weights(),
            new EngineOptions()
        );

        detector.SizeFor(height, width, memory).ShouldBe((seenHeight, seenWidth));
    }

    [Fact]
    public void Heads_that_are_no_numbers_find_no_face()
    {
        var (height, width) = (64, 64);
        var anchors = FaceAnchors.Of(height, width).Count();
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f })
        {
            var outputs = new Dictionary<string, Tensor>
            {
                ["boxes"] = Filled(value, 1, anchors, 4),
                ["logits"] = Filled(value, 1, anchors, 2),
                ["landmarks"] = Filled(value, 1, anchors, 10),
            };
            FaceAnchors.Decode(outputs, height, width, 0.8).ShouldBeEmpty();

            for (var anchor = 0; anchor < anchors; anchor++)
            {
                (outputs["logits"].Data[2 * anchor], outputs["logits"].Data[(2 * anchor) + 1]) = (-5, 5);
            }

            // However sure the network is: what is nowhere is no face.
            FaceAnchors.Decode(outputs, height, width, 0.8).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Ten_thousand_candidates_are_sorted_out_in_time_and_no_more_than_allowed_stay()
    {
        var random = SplitMix64.For(1, "candidates");
        var faces = Enumerable
            .Range(0, 10_000)
            .Select(_ => Face(random.Uniform(0, 1e6), random.Uniform(0, 1e6), random.Integer(2) * 10, random.Uniform(0.8, 1)))
            .ToList();
        var time = Stopwatch.StartNew();

        var kept = FaceAnchors.Suppress(faces, 0.4, FaceLandmarks.MaxFaces);

        kept.Count.ShouldBe(FaceLandmarks.MaxFaces);
        kept.Select(face => face.Score).ShouldBeInOrder(SortDirection.Descending);
        time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Boxes_of_no_size_are_faces_at_most_once()
    {
        var same = Enumerable.Repeat(Face(7, 7, 0, 0.9), 5);

        FaceAnchors.Suppress(same, 0.4, FaceLandmarks.MaxFaces).ShouldHaveSingleItem();
    }

    [ParityFact]
    public void Overlapping_boxes_are_suppressed_as_in_the_original()
    {
        var fixture = FaceFixtures.Open("retinaface");
        var rows = fixture.Doubles("nms/dets").Chunk(5).ToList();
        var faces = rows.ConvertAll(row => Face(0, 0, 0, row[4]) with { Box = new(row[0], row[1], row[2], row[3]) });

        foreach (var overlap in new[] { 0.4, 0.1 })
        {
            var kept = FaceAnchors.Suppress(faces, overlap, FaceLandmarks.MaxFaces);

            var expected = fixture
                .Integers(FormattableString.Invariant($"nms/keep_{overlap}"))
                .Select(index => faces[(int)index].Box);
            kept.Select(face => face.Box).ShouldBe(expected, ignoreOrder: true);
        }
    }

    internal static FaceDetector Detector(bool swapsColors)
    {
        var checkpoint = Checkpoint.Open(FaceFixtures.PathOf("weights/detection_Resnet50_Final.pth"));
        return new FaceDetector(
            new RetinaFaceConfig { Planes = 8, Width = 72 },
            () => Weights.From(checkpoint),
            new EngineOptions()
        )
        {
            SwapsColors = swapsColors,
        };
    }

    private static Dictionary<string, Tensor> Outputs(Fixture fixture, string picture) =>
        new()
        {
            ["boxes"] = fixture[$"{picture}/loc"],
            ["logits"] = fixture[$"{picture}/logits"],
            ["landmarks"] = fixture[$"{picture}/landms"],
        };

    private static double[] Rows(IEnumerable<FaceDetection> faces) =>
        [
            .. faces.SelectMany(face =>
                new[] { face.Box.Left, face.Box.Top, face.Box.Right, face.Box.Bottom, face.Score }.Concat(
                    face.Landmarks.Points.SelectMany(point => new[] { point.X, point.Y })
                )
            ),
        ];

    private static FaceDetection Face(double x, double y, double side, double score)
    {
        var point = new FacePoint(x, y);
        return new FaceDetection(new FaceBox(x, y, x + side, y + side), score, new(point, point, point, point, point));
    }

    private static Tensor Filled(float value, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(shape);
        tensor.Span.Fill(value);
        return tensor;
    }

    private static Tensor Reversed(Tensor picture)
    {
        var (result, plane) = (new Tensor(picture.Shape), picture.Length / 3);
        for (var i = 0; i < picture.Length; i++)
        {
            result.Data[i] = picture.Data[((2 - (i / plane)) * plane) + (i % plane)];
        }

        return result;
    }
}
