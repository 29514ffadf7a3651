using DiffBir.Primitives;

namespace DiffBir.Tests.Primitives;

public sealed class RectangleTests
{
    [Theory]
    [InlineData(0, 0, 4, 6, true)]
    [InlineData(3, 5, 1, 1, true)]
    [InlineData(-1, 0, 1, 1, false)]
    [InlineData(0, -1, 1, 1, false)]
    [InlineData(0, 0, 0, 1, false)]
    [InlineData(0, 0, 1, 0, false)]
    [InlineData(1, 0, 4, 1, false)]
    [InlineData(0, 1, 1, 6, false)]
    [InlineData(1, 1, int.MaxValue, int.MaxValue, false)]
    public void A_rectangle_is_inside_an_area_that_has_all_of_its_pixels(int top, int left, int height, int width, bool inside) =>
        new Rectangle(top, left, height, width).IsInside(4, 6).ShouldBe(inside);

    [Fact]
    public void In_a_finer_unit_place_and_size_grow_alike() =>
        new Rectangle(1, 2, 3, 4).Times(8).ShouldBe(new Rectangle(8, 16, 24, 32));

    [Theory]
    [InlineData(0, 8, 0, 0)]
    [InlineData(1, 8, 1, 8)]
    [InlineData(8, 8, 1, 8)]
    [InlineData(9, 8, 2, 16)]
    public void Numbers_are_rounded_up_to_whole_parts(int value, int divisor, int parts, int multiple)
    {
        Ceiling.Divide(value, divisor).ShouldBe(parts);
        Ceiling.Divide((long)value, divisor).ShouldBe(parts);
        Ceiling.Multiple(value, divisor).ShouldBe(multiple);
    }
}
