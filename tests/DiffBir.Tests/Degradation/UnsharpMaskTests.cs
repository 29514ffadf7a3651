using DiffBir.Degradation;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class UnsharpMaskTests
{
    private const double FloatTolerance = 3e-6; // two filters of 2601 weights in fp32

    [ParityTheory]
    [InlineData("result", 0.5f, 10f)]
    [InlineData("strong", 0.8f, 3f)]
    public void Sharpening_equals_the_original(string name, float weight, float threshold)
    {
        var fixture = Parity.Fixture("degradation");
        using var image = RentedImage.From(fixture.Tensor("usm/image"));
        using var result = new UnsharpMask(weight, threshold).Apply(image, SplitMix64.For(0, "unused"));

        result.ToTensor().ShouldBeCloseTo(fixture.Tensor($"usm/{name}"), FloatTolerance);
    }
}
