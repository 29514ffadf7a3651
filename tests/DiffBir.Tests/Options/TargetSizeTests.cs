using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Tests.Options;

public sealed class TargetSizeTests
{
    [Theory]
    [InlineData("3840x2160")]
    [InlineData("fit:3840x2160")]
    [InlineData("20x30cm@300dpi")]
    [InlineData("fit:20.5x30cm@300dpi")]
    [InlineData("8x10in@240.5dpi")]
    public void A_size_reads_as_it_is_written(string text) => TargetSize.Parse(text).ShouldNotBeNull().ToString().ShouldBe(text);

    [Theory]
    [InlineData("")]
    [InlineData("3840")]
    [InlineData("3840x")]
    [InlineData("3840x2160x3")]
    [InlineData("20x30cm")]
    [InlineData("20x30cm@300")]
    [InlineData("3840x2160@300dpi")]
    [InlineData("38.5x20")]
    [InlineData("box:3x4")]
    [InlineData("20x30mm@300dpi")]
    public void What_is_none_is_none(string text) => TargetSize.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("800x800", 400, 200, 1600, 800)] // covers: the short side decides
    [InlineData("fit:800x800", 400, 200, 800, 400)]
    [InlineData("fit:3840x2160", 1000, 3000, 720, 2160)] // a screen does not turn
    [InlineData("10x20in@100dpi", 400, 200, 2000, 1000)] // paper does
    [InlineData("20x10in@100dpi", 400, 200, 2000, 1000)]
    [InlineData("20x30cm@300dpi", 200, 300, 2363, 3544)] // 2362.2 x 3543.3: no edge stays bare
    [InlineData("fit:20x30cm@300dpi", 200, 300, 2362, 3543)]
    [InlineData("100x100", 400, 400, 100, 100)] // smaller as well
    public void A_photo_keeps_its_proportions(string text, int width, int height, int expectedWidth, int expectedHeight)
    {
        var pack = PackCatalog.Find("mini");
        var settings = new RestorationOptions { Size = TargetSize.Parse(text) }.Settle(pack);

        var (outputHeight, outputWidth) = settings.OutputSize(new(height, width));

        (outputWidth, outputHeight).ShouldBe((expectedWidth, expectedHeight));
    }

    [Fact]
    public void A_size_and_a_multiple_contradict_each_other() =>
        Should
            .Throw<OptionException>(() =>
                new RestorationOptions { Size = new TargetSize(10, 10), Upscale = 2 }.Settle(PackCatalog.Find("mini"))
            )
            .Message.ShouldContain("Give one of --size, --upscale and --longest-side.");

    [Theory]
    [InlineData("0x100")]
    [InlineData("100x-5")]
    [InlineData("5000000x100")]
    [InlineData("NaNx10cm@300dpi")]
    [InlineData("20x30cm@0dpi")]
    public void Sides_that_are_none_are_refused(string text) =>
        Should
            .Throw<OptionException>(() =>
                new RestorationOptions { Size = TargetSize.Parse(text) }.Settle(PackCatalog.Find("mini"))
            )
            .Message.ShouldContain("each side must be from 1 to 1,000,000 pixels (--size).");
}
