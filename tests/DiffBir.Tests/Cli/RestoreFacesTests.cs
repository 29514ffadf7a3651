using DiffBir.Imaging;
using DiffBir.Tests.Faces;
using DiffBir.Tests.Faces.Cascades;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

/// <summary><c>diffbir restore --face-landmarks</c>.</summary>
public sealed class RestoreFacesTests
{
    private const int Side = 96;
    private const string Large = "[[24, 40], [40, 40], [32, 49], [25, 57], [39, 57]]";
    private const string Small = "[[66, 40], [76, 41], [71, 46], [67, 51], [75, 51]]";

    [Fact]
    public async Task Faces_are_restored_by_themselves_and_the_rest_as_without_them()
    {
        using var bench = new RestoreBench();
        var middle = bench.Result("middle");

        var plain = await Restore(bench, "[]", "plain.png");
        var one = await Restore(bench, $"[{Large}]", "one.png", "--save-intermediates", middle);
        var gone = await Restore(bench, $"[{Large}, {Small}]", "largest.png", "--only-largest-face");

        plain.Error.ShouldContain("No face to restore in this photo: all of it is restored as background.");
        one.Error.ShouldContain("face 1/1: removing degradation");
        one.Error.ShouldContain("background: removing degradation");
        one.Error.ShouldContain("1 face was marked.");
        gone.ExitCode.ShouldBe(0, gone.Error);
        bench.Digest("largest.png").ShouldBe(bench.Digest("one.png"));
        var (without, with) = (Pixels(bench, "plain.png"), Pixels(bench, "one.png"));
        Difference(without, with, column: 32).ShouldBeGreaterThan(2 / 255f, "Inside the face");
        Difference(without, with, column: 92).ShouldBe(0, "Outside the face");
        Directory
            .GetFiles(middle)
            .Select(Path.GetFileName)
            .ShouldBe(
                ["one-clean.png", "one-face-1-after.png", "one-face-1-before.png", "one-face-1-mask.png", "one-faces.png"],
                ignoreOrder: true
            );
    }

    [Fact]
    public async Task A_photo_without_a_face_is_restored_like_any_other()
    {
        using var bench = new RestoreBench();
        var picture = bench.Picture("a.png", side: Side);

        var run = await Restore(bench, """{"landmarks": []}""", "faces.png");
        var plain = await bench.Run(picture, "-o", bench.Result("plain.png"), "--stage1-only");

        (run.ExitCode, plain.ExitCode).ShouldBe((0, 0), run.Error + plain.Error);
        bench.Digest("faces.png").ShouldBe(bench.Digest("plain.png"));
    }

    [Fact]
    public async Task Faces_that_cannot_be_restored_are_left_to_the_background_and_named()
    {
        using var bench = new RestoreBench();
        const string Nowhere = "[[5, 5], [5, 5], [5, 5], [5, 5], [5, 5]]";
        const string Outside = "[[1066, 40], [1076, 41], [1071, 46], [1067, 51], [1075, 51]]";

        var run = await Restore(bench, $"[{Nowhere}, {Outside}, {Small}]", "a.png", "--min-face", "20");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("Face 1 has all its points in one place: it is left to the background.");
        run.Error.ShouldContain("Face 2 has 10 pixels between the eyes, fewer than 20 (--min-face)");
        run.Error.ShouldContain("No face to restore in this photo");

        var outside = await Restore(bench, $"[{Outside}]", "b.png");
        outside.Error.ShouldContain("Face 1 lies outside the photo: it is left to the background.");
    }

    [Fact]
    public async Task A_wrong_file_is_one_error_before_any_work()
    {
        using var bench = new RestoreBench();

        var run = await Restore(bench, "[1]", "a.png");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("face (number 1) that is not 5 points");
        bench.Results().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_file_has_the_faces_of_one_photo()
    {
        using var bench = new RestoreBench();
        bench.Picture("b.png");

        var run = await bench.Run(
            bench.Picture("a.png"),
            Path.Combine(bench.In, "b.png"),
            "-o",
            bench.Out,
            "--face-landmarks",
            Landmarks(bench, "[]")
        );

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("has the faces of one photo, but 2 are to be restored");
    }

    [Theory]
    [InlineData("--background", "none")]
    [InlineData("--only-largest-face")]
    [InlineData("--min-face", "9")]
    public async Task Options_of_faces_need_faces(params string[] option)
    {
        using var bench = new RestoreBench();

        var run = await bench.Run([bench.Picture("a.png"), "-o", bench.Out, .. option]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain($"{option[0]} is for faces in a whole photo. Let them be found (--faces)");
    }

    [Fact]
    public async Task The_task_of_one_aligned_face_is_none_for_a_background()
    {
        using var bench = new RestoreBench();

        var run = await Restore(bench, $"[{Large}]", "a.png", "--task", "face");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("(--background)");
    }

    [Fact]
    public async Task The_work_can_be_stopped_between_faces()
    {
        using var bench = new RestoreBench();

        var run = await bench.RunUntil(
            "face 2/2",
            bench.Picture("a.png", side: Side),
            "-o",
            bench.Out,
            "--stage1-only",
            "--face-landmarks",
            Landmarks(bench, $"[{Large}, {Small}]")
        );

        run.ExitCode.ShouldBe(130);
        run.Error.ShouldNotContain("background:");
        bench.Results().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, "sr")]
    [InlineData(2, "sr")]
    [InlineData(4, "none")]
    public async Task A_gray_photo_stays_gray_in_every_size(int upscale, string background)
    {
        using var bench = new RestoreBench();
        using var gray = Photo.Of(Pictures.Gradient(Side, Side));
        Grayscale.RemoveColor(gray.Pixels);
        bench.Picture("a.png", gray);
        string[] options = ["--background", background, "--upscale", $"{upscale}"];

        var plain = await RestoreIn(bench, "[]", "plain.png", options);
        var run = await RestoreIn(bench, $"[{Large}]", "gray.png", options);

        (plain.ExitCode, run.ExitCode).ShouldBe((0, 0), plain.Error + run.Error);
        using var result = ImageFile.Read(bench.Result("gray.png"));
        result.IsGray.ShouldBeTrue();
        result.Size.ShouldBe(new Size(upscale * Side, upscale * Side));
        var (without, with) = (Pixels(bench, "plain.png"), Pixels(bench, "gray.png"));
        Difference(without, with, column: 32 * upscale).ShouldBeGreaterThan(2 / 255f, "Inside the face");
        Difference(without, with, column: 92 * upscale).ShouldBe(0, "Outside the face");
    }

    [Theory]
    [InlineData("hypir")]
    [InlineData("osediff")]
    [InlineData("pisa-sr")]
    public async Task Models_of_one_step_restore_faces_and_what_is_around_them(string model)
    {
        using var bench = new RestoreBench(model);
        using var gray = Photo.Of(Pictures.Gradient(Side, Side));
        Grayscale.RemoveColor(gray.Pixels);
        var picture = bench.Picture("a.png", gray);
        string[] options = ["--upscale", "2", "--face-landmarks"];

        var plain = await bench.Run([picture, "-o", bench.Result("plain.png"), .. options, Landmarks(bench, "[]")]);
        var run = await bench.Run([picture, "-o", bench.Result("face.png"), .. options, Landmarks(bench, $"[{Large}]")]);

        (plain.ExitCode, run.ExitCode).ShouldBe((0, 0), plain.Error + run.Error);
        using var result = ImageFile.Read(bench.Result("face.png"));
        (result.IsGray, result.Size).ShouldBe((true, new Size(2 * Side, 2 * Side)));
        var (without, with) = (Pixels(bench, "plain.png"), Pixels(bench, "face.png"));
        Difference(without, with, column: 64).ShouldBeGreaterThan(2 / 255f, "Inside the face");
        Difference(without, with, column: 184).ShouldBe(0, "Outside the face");
    }

    [Fact]
    public async Task Without_the_files_that_find_faces_one_sentence_says_what_to_fetch()
    {
        using var bench = new RestoreBench();

        var run = await bench.Run(bench.Picture("a.png"), "-o", bench.Out, "--faces", "--face-cascade", "off");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(
            "Faces are found by networks of their own, detection_Resnet50_Final.pth (109 MB) and parsing_parsenet.pth (85 MB), which are not here: get them with \"diffbir models pull faces\", install OpenCV's cascades (the package opencv-data), which find upright faces only, or mark the faces yourself (--face-landmarks)."
        );
        bench.Results().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cascade_finds_faces_without_a_download_and_one_line_says_what_it_misses()
    {
        using var bench = new RestoreBench();
        using var folder = new TemporaryFolder();
        using var photo = new Photo(PlanarImage.Of(SyntheticCascades.PictureOfFace()));
        var picture = bench.Picture("a.png", photo);
        var cascade = SyntheticCascades.Write(folder);

        var run = await bench.Run(picture, "-o", bench.Result("a.png"), "--stage1-only", "--faces", "--face-cascade", cascade);
        var missing = await bench.Run(picture, "-o", bench.Out, "--faces", "--face-cascade", folder.File("none.xml"));

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain($"Faces are found with OpenCV's cascade {cascade}: it misses those that lean");
        run.Error.ShouldContain("Found 1 face.");
        run.Error.ShouldContain("face 1/1: removing degradation");
        missing.ExitCode.ShouldBe(2);
        missing.Error.ShouldContain("is missing, or has none for eyes beside it");
    }

    [ParityFact]
    public async Task Faces_are_found_cut_along_their_outlines_and_shown()
    {
        using var bench = new RestoreBench();
        var middle = bench.Result("middle");
        string[] options =
        [
            "--weights",
            WeightsWithFaces(bench),
            "--stage1-only",
            "--upscale",
            "4",
            "--faces",
            "--strict-original",
        ];

        var found = await bench.Run([
            FaceFixtures.PathOf("fixtures/detect_lq_128x128.png"),
            "-o",
            bench.Result("found.png"),
            "--save-intermediates",
            middle,
            .. options,
        ]);
        var none = await bench.Run([
            FaceFixtures.PathOf("full/v21_no_face/input.png"),
            "-o",
            bench.Result("none.png"),
            .. options,
        ]);
        var plain = await bench.Run(
            FaceFixtures.PathOf("full/v21_no_face/input.png"),
            "-o",
            bench.Result("plain.png"),
            "--stage1-only",
            "--upscale",
            "4"
        );

        (found.ExitCode, none.ExitCode, plain.ExitCode).ShouldBe((0, 0, 0), found.Error + none.Error + plain.Error);
        found.Error.ShouldContain("Faces are found with the network detection_Resnet50_Final.pth.");
        found.Error.ShouldContain("Found 1 face.");
        found.Error.ShouldContain("face 1/1: removing degradation");
        Directory
            .GetFiles(middle)
            .Select(Path.GetFileName)
            .ShouldBe(
                [
                    "found-clean.png",
                    "found-face-1-after.png",
                    "found-face-1-before.png",
                    "found-face-1-mask.png",
                    "found-faces.png",
                ],
                ignoreOrder: true
            );
        using var marks = ImageFile.Read(Path.Combine(middle, "found-faces.png"));
        var (x, y) = (57, 48); // the left eye
        var pixel = marks.Pixels.ReadBox(y, x, 1, 1).Data;
        pixel.ShouldBe([1, 0, 0]);
        none.Error.ShouldContain("Found 0 faces.");
        none.Error.ShouldContain("No face to restore in this photo: all of it is restored as background.");
        bench.Digest("none.png").ShouldBe(bench.Digest("plain.png"));
    }

    [ParityFact]
    public async Task A_file_of_another_network_is_not_taken_for_that_which_finds_faces()
    {
        using var bench = new RestoreBench();
        var weights = WeightsWithFaces(bench);
        File.Copy(
            Path.Combine(weights, "parsing_parsenet.pth"),
            Path.Combine(weights, "detection_Resnet50_Final.pth"),
            overwrite: true
        );

        var run = await bench.Run(
            bench.Picture("a.png"),
            "-o",
            bench.Result("a.png"),
            "--weights",
            weights,
            "--stage1-only",
            "--faces"
        );

        run.ExitCode.ShouldNotBe(0);
        run.Error.ShouldContain("detection_Resnet50_Final.pth is not what it must be: RetinaFace on ResNet-50");
    }

    /// <summary>The bench's weights, and the small networks that find faces.</summary>
    private static string WeightsWithFaces(RestoreBench bench)
    {
        var folder = Directory.CreateDirectory(Path.Combine(bench.Folder, "weights")).FullName;
        foreach (var file in Directory.GetFiles(bench.Weights).Concat(Directory.GetFiles(FaceFixtures.PathOf("weights"))))
        {
            using var from = File.OpenRead(file);
            using var to = File.Create(Path.Combine(folder, Path.GetFileName(file))); // a copy of what may only be read could not be replaced
            from.CopyTo(to);
        }

        return folder;
    }

    private static Task<CommandLine> Restore(RestoreBench bench, string faces, string name, params string[] options)
    {
        bench.Picture("a.png", side: Side);
        return RestoreIn(bench, faces, name, options);
    }

    private static Task<CommandLine> RestoreIn(RestoreBench bench, string faces, string name, params string[] options) =>
        bench.Run([
            Path.Combine(bench.In, "a.png"),
            "-o",
            bench.Result(name),
            "--stage1-only",
            "--face-landmarks",
            Landmarks(bench, faces),
            .. options,
        ]);

    private static string Landmarks(RestoreBench bench, string faces)
    {
        var path = Path.Combine(bench.Folder, "faces.json");
        File.WriteAllText(path, faces);
        return path;
    }

    private static Tensor Pixels(RestoreBench bench, string name)
    {
        using var photo = ImageFile.Read(bench.Result(name));
        return photo.Pixels.ToTensor();
    }

    private static float Difference(Tensor one, Tensor other, int column)
    {
        var (height, width) = (one.Size(2), one.Size(3));
        return Enumerable.Range(0, height).Max(y => Math.Abs(one.Data[(y * width) + column] - other.Data[(y * width) + column]));
    }
}
