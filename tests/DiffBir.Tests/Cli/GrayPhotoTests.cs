using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;
using NetVips;

namespace DiffBir.Tests.Cli;

/// <summary>Old photographs: gray in, gray out, with networks whose output is full of color.</summary>
public sealed class GrayPhotoTests
{
    [ParityTheory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public async Task A_gray_photo_comes_out_gray_with_every_pack(string version)
    {
        using var bench = new RestoreBench(version);
        bench.Picture("eight.png", Gray(BitDepth.Eight, transparent: false));
        bench.Picture("sixteen.png", Gray(BitDepth.Sixteen, transparent: false));
        bench.Picture("clear.tif", Gray(BitDepth.Sixteen, transparent: true));
        bench.Picture("scan.jpg", Gray(BitDepth.Eight, transparent: false));
        bench.Picture("equal.png", Photo.Of(Threefold()));
        bench.Picture("color.png");

        var run = await bench.Run(bench.In, "-o", bench.Out, "--save-intermediates", bench.Result("middle"));

        run.ExitCode.ShouldBe(0, run.Error);
        Kind("eight.png").ShouldBe((1, Enums.BandFormat.Uchar, HasProfile: true));
        Kind("sixteen.png").ShouldBe((1, Enums.BandFormat.Ushort, HasProfile: true));
        Kind("clear.tif").ShouldBe((2, Enums.BandFormat.Ushort, HasProfile: true));
        Kind("scan.jpg").ShouldBe((1, Enums.BandFormat.Uchar, HasProfile: true));
        Kind("equal.png").ShouldBe((3, Enums.BandFormat.Uchar, HasProfile: false));
        Chroma("equal.png").ShouldBe(0);
        Chroma("color.png").ShouldBeGreaterThan(0);
        var middle = Directory.GetFiles(bench.Result("middle"), "eight-*.png");
        middle.Length.ShouldBeGreaterThan(1);
        middle.ShouldAllBe(path => Bands(path) == 1);

        (int, Enums.BandFormat, bool HasProfile) Kind(string name)
        {
            using var image = Image.NewFromFile(bench.Result(name));
            return (
                image.Bands,
                image.Format,
                image.Contains("icc-profile-data")
                    && ((byte[])image.Get("icc-profile-data")).SequenceEqual(InputKindTests.LinearGrayProfile())
            );
        }

        double Chroma(string name)
        {
            using var image = Image.NewFromFile(bench.Result(name));
            return Math.Max((image[0] - image[1]).Abs().Max(), (image[1] - image[2]).Abs().Max());
        }
    }

    [ParityFact]
    public async Task Stage_1_alone_keeps_gray_too()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png", Gray(BitDepth.Eight, transparent: false));

        var run = await bench.Run(input, "-o", bench.Result("a.png"), "--stage1-only", "--upscale", "2");

        run.ExitCode.ShouldBe(0, run.Error);
        Bands(bench.Result("a.png")).ShouldBe(1);
    }

    [Fact]
    public async Task A_degraded_gray_photo_is_gray()
    {
        using var folder = new TemporaryFolder();
        using var photo = Gray(BitDepth.Eight, transparent: false);
        ImageFile.Write(photo, folder.File("a.png"), new ImageEncoding(ImageFormat.Png));

        var run = await CommandLine.Run("degrade", folder.File("a.png"), "-o", folder.File("b.png"), "--clean", folder.File("c"));

        run.ExitCode.ShouldBe(0, run.Error);
        Bands(folder.File("b.png")).ShouldBe(1);
        Bands(folder.File("c/b.png")).ShouldBe(1);
        using var bad = ImageFile.Read(folder.File("b.png"));
        bad.Metadata.Icc.ShouldBe(InputKindTests.LinearGrayProfile());
    }

    private static int Bands(string path)
    {
        using var image = Image.NewFromFile(path);
        return image.Bands;
    }

    private static Photo Gray(BitDepth depth, bool transparent) =>
        new(PlanarImage.Of(Threefold()), transparent ? PlanarImage.Of(Pictures.Gradient(32, 32, channels: 1)) : null)
        {
            Depth = depth,
            ColorModel = ColorModel.Gray,
            Metadata = new PhotoMetadata(Icc: InputKindTests.LinearGrayProfile()),
        };

    private static Tensor Threefold()
    {
        var gray = Pictures.Gradient(32, 32, channels: 1);
        return new Tensor([.. gray.Data, .. gray.Data, .. gray.Data], 1, 3, 32, 32);
    }
}
