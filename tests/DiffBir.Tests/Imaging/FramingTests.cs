using DiffBir.Imaging;

namespace DiffBir.Tests.Imaging;

public sealed class FramingTests
{
    [Fact]
    public void A_box_outside_the_image_is_refused()
    {
        Should
            .Throw<ShapeException>(() => Framing.Crop(new Tensor(1, 3, 4, 4), new(1, 0, 4, 4)))
            .Message.ShouldBe("The box of 4×4 at (0, 1) leaves the image of 4×4.");
    }
}
