using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging;

public sealed class FramingTests
{
    [ParityTheory]
    [InlineData("pad/m64_40x56", 64, 40, 56)]
    [InlineData("pad/m8_40x56", 8, 40, 56)]
    [InlineData("pad/m8_41x57", 8, 41, 57)]
    [InlineData("pad/m64_64x128", 64, 64, 128)]
    public void Padding_equals_the_original(string name, int multiple, int height, int width)
    {
        var expected = Parity.Fixture("image_ops").Tensor(name);

        Framing.PadToMultipleOf(Framing.Crop(expected, 0, 0, height, width), multiple).ShouldBeCloseTo(expected, 0);
    }

    [Fact]
    public void Padding_can_have_a_value()
    {
        var padded = Framing.PadToMultipleOf(new Tensor([1f, 2f], 1, 1, 2, 1), 3, value: -1);

        padded.Data.ShouldBe([1, -1, -1, 2, -1, -1, -1, -1, -1]);
    }

    [Fact]
    public void A_box_outside_the_image_is_refused()
    {
        Should
            .Throw<ShapeException>(() => Framing.Crop(new Tensor(1, 3, 4, 4), 1, 0, 4, 4))
            .Message.ShouldBe("The box of 4×4 at (0, 1) leaves the image of 4×4.");
    }
}
