using System.Collections.Concurrent;
using DiffBir.Imaging;
using DiffBir.Training.Data;
using DiffBir.Training.Tests.Support;

namespace DiffBir.Training.Tests.Data;

public sealed class CropCutterTests : IDisposable
{
    /// <summary>JPEG at quality 90 of a smooth picture.</summary>
    private const double JpegTolerance = 0.03;

    private const string Heading = "crop\tcollection\toriginal\tinside\tshrink\tx\ty\twidth\theight\n";
    private const string Blob = "776113e5d6232974dc6ae56a6ec951c905b9891d";

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _said = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Crops_are_cut_out_of_files_of_versions_and_of_files_that_hold_many_photos()
    {
        var photo = Ramp(40, 60);
        var png = Encode(photo);
        Original("package/dir/photo.png", png);
        Original($"owner/repository/{Blob}", png);
        Original("package/many.rcc", [.. new byte[1234], .. png, .. new byte[99]]);
        var list = List(
            "train/a.jpg\tpackage\tdir/photo.png\t\t1\t8\t4\t32\t24",
            $"train/b.jpg\towner/repository\tphotos/photo.png\t{Blob}\t1\t8\t4\t32\t24",
            "val/c.jpg\tpackage\tmany.rcc\t1234\t1\t8\t4\t32\t24"
        );

        Cut(list).ShouldBe((3, 0));

        var expected = Framing.Crop(photo, new(4, 8, 24, 32));
        foreach (var name in new[] { "train/a.jpg", "train/b.jpg", "val/c.jpg" })
        {
            PhotoReader.Read(_folder.File($"out/{name}")).ShouldMatch(expected, JpegTolerance, name);
        }
    }

    [Fact]
    public void A_photo_is_made_smaller_before_it_is_cut()
    {
        Original("package/photo.png", Encode(Ramp(64, 96)));

        Cut(List("train/a.jpg\tpackage\tphoto.png\t\t2\t0\t0\t48\t32")).ShouldBe((1, 0));

        PhotoReader.Read(_folder.File("out/train/a.jpg")).ShouldMatch(Ramp(32, 48), JpegTolerance);
    }

    [Fact]
    public void A_whole_photo_is_cut_into_tiles_that_validate_where_one_of_its_crops_does()
    {
        Original("package/a.png", Encode(Ramp(70, 100)));
        Original("package/b.png", Encode(Ramp(64, 64)));
        var list = List(
            "train/a_0.jpg\tpackage\ta.png\t\t1\t0\t0\t32\t32",
            "val/a_1.jpg\tpackage\ta.png\t\t1\t0\t0\t32\t32",
            "train/b_0.jpg\tpackage\tb.png\t\t2\t0\t0\t16\t16"
        );

        Cut(list, tile: 48).ShouldBe((3, 0));

        // 100 x 70 holds two squares side by side, from its middle; b is 32 x 32 after it was made smaller.
        Directory.GetFiles(_folder.File("out/val")).Select(Path.GetFileName).Order().ShouldBe(["a_0-0.jpg", "a_0-1.jpg"]);
        Directory.GetFiles(_folder.File("out/train")).Select(Path.GetFileName).ShouldBe(["b_0-0.jpg"]);
        PhotoReader
            .Read(_folder.File("out/val/a_0-1.jpg"))
            .ShouldMatch(Framing.Crop(Ramp(70, 100), new(11, 50, 48, 48)), JpegTolerance);
        PhotoReader.Read(_folder.File("out/train/b_0-0.jpg")).Size(2).ShouldBe(32);
    }

    [Fact]
    public void What_cannot_be_had_is_said_and_the_rest_is_cut()
    {
        Original("package/good.png", Encode(Ramp(32, 32)));
        Original("package/bad.png", [1, 2, 3]);
        var list = List(
            "train/good.jpg\tpackage\tgood.png\t\t1\t0\t0\t32\t32",
            "train/bad.jpg\tpackage\tbad.png\t\t1\t0\t0\t32\t32",
            "train/outside.jpg\tpackage\tgood.png\t\t2\t8\t8\t16\t16",
            "train/absent.jpg\telsewhere\tgood.png\t\t1\t0\t0\t32\t32"
        );

        Cut(list).ShouldBe((1, 2));

        File.Exists(_folder.File("out/train/good.jpg")).ShouldBeTrue();
        _said.ShouldContain("elsewhere is not there; 1 crops are left out.");
        _said.ShouldContain(line => line.Contains("bad.png"));
        _said.ShouldContain(line => line.Contains("The box of 16×16 at (8, 8) leaves the image of"));
    }

    [Theory]
    [InlineData("train/a.jpg\tpackage\tphoto.png\t\t1\t0\t0\t32")]
    [InlineData("train/a.jpg\tpackage\tphoto.png\t\t0\t0\t0\t32\t32")]
    [InlineData("train/a.jpg\tpackage\tphoto.png\tthere\t1\t0\t0\t32\t32")]
    public void A_line_that_is_no_crop_is_named(string line) =>
        Should.Throw<DiffBirException>(() => CropList.Read(List(line))).Message.ShouldStartWith("Line 2 of ");

    private (int Cut, int Failed) Cut(string list, int? tile = null) =>
        new CropCutter(_folder.File("originals"), _folder.File("out"), _said.Enqueue, tile).Cut(
            CropList.Read(list),
            workers: 2,
            CancellationToken.None
        );

    private string List(params string[] lines)
    {
        var path = _folder.File("crops.tsv");
        File.WriteAllText(path, Heading + string.Join('\n', lines) + "\n");
        return path;
    }

    private void Original(string name, byte[] content)
    {
        var path = _folder.File($"originals/{name}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>Gray that rises from left to right and from top to bottom: the same picture in every size.</summary>
    private static Tensor Ramp(int height, int width)
    {
        var image = new Tensor(1, 3, height, width);
        for (var index = 0; index < image.Length; index++)
        {
            var (y, x) = (index / width % height, index % width);
            image.Data[index] = (((x + 0.5f) / width) + ((y + 0.5f) / height)) / 2;
        }

        return image;
    }

    private static byte[] Encode(Tensor image01)
    {
        using var stream = new MemoryStream();
        using var photo = Photo.Of(image01);
        ImageFile.Write(photo, stream, new ImageEncoding(ImageFormat.Png));
        return stream.ToArray();
    }
}
