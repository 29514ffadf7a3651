using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class CropsAndFlipsTests
{
    [ParityFact]
    public void The_center_crop_equals_the_original_to_the_last_bit() =>
        Crops.Center(Photo("crop/image"), 64).ShouldBeCloseTo(Photo("crop/center_64"), 0);

    [ParityFact]
    public void The_random_crop_equals_the_original_to_the_last_bit()
    {
        // The recorded draws: short side 66 of 64 to 92, row 0 of 3, column 31 of 38.
        var random = new ScriptedRandom { Choices = new([2, 0, 31]) };

        Crops.RandomScaled(Photo("crop/image"), 64, random).ShouldBeCloseTo(Photo("crop/random_64"), 0);
        random.IsEmpty.ShouldBeTrue();
    }

    [ParityFact]
    public void The_eight_views_equal_the_originals()
    {
        var fixture = Parity.Fixture("degradation");
        var image = fixture.Tensor("augment/image").FromInterleaved();
        for (var view = 0; view < 8; view++)
        {
            var (h, v, r) = (view & 1, (view >> 1) & 1, view >> 2);

            Flips
                .Apply(image, h == 1, v == 1, r == 1)
                .ShouldBeCloseTo(fixture.Tensor($"augment/hflip{h}_vflip{v}_rot{r}").FromInterleaved(), 0);
        }
    }

    [Fact]
    public void A_photo_smaller_than_the_window_is_enlarged()
    {
        var random = new ScriptedRandom { Choices = new([0, 3]) };

        Crops.RandomWindow(Pictures.Gradient(20, 30), 40, random).Shape.ToArray().ShouldBe([1, 3, 40, 40]);
    }

    private static Tensor Photo(string name) => Parity.Fixture("degradation").Tensor(name).FromInterleaved().DividedBy(255);
}
