namespace DiffBir.Tests.Support;

public sealed class ParityTests
{
    [ParityFact]
    public void A_fixture_gives_its_tensors_and_its_text()
    {
        var fixture = Parity.Fixture("degradation");

        fixture.Names.ShouldContain("kernel/iso_21_s2");
        fixture.Tensor("kernel/iso_21_s2").Shape.ToArray().ShouldBe([21, 21]);
        fixture.Doubles("kernel/iso_21_s2").Sum().ShouldBe(1, 1e-12);
        fixture.Metadata("usm").ShouldContain("radius 51");
    }

    [Fact]
    public void A_difference_is_reported_with_its_place()
    {
        var actual = new Tensor([1f, 2f, float.NaN], 3);
        var expected = new Tensor([1f, 2f, 3f], 3);

        Should
            .Throw<Exception>(() => actual.ShouldBeCloseTo(expected, 1e-3, "latent"))
            .Message.ShouldStartWith("latent: differs by up to Infinity (at element 2");
    }
}
