using System.Text.Json;
using DiffBir.Tests.Support;
using DiffBir.Tiling;
using FsCheck;
using FsCheck.Fluent;

namespace DiffBir.Tests.Tiling;

public sealed class TileGridTests
{
    [ParityFact]
    public void Tiles_lie_where_the_originals_do()
    {
        var cases = JsonSerializer.Deserialize<JsonElement>(Parity.Fixture("image_ops").Metadata("sliding_windows"));
        foreach (var described in cases.EnumerateArray())
        {
            var grid = TileGrid.Cover(Get("h"), Get("w"), Get("size"), Get("stride"));

            grid.Tiles.Select(tile => new[] { tile.Top, tile.Top + tile.Height, tile.Left, tile.Left + tile.Width })
                .ShouldBe(
                    described
                        .GetProperty("result")
                        .EnumerateArray()
                        .Select(box => box.EnumerateArray().Select(v => v.GetInt32()).ToArray())
                );

            int Get(string name) => described.GetProperty(name).GetInt32();
        }
    }

    [Fact]
    public void Tiles_of_one_size_cover_every_pixel_and_stay_inside()
    {
        var sides = Gen.Choose(1, 60).Four();
        Prop.ForAll(
                sides.ToArbitrary(),
                drawn =>
                {
                    var (height, width, size, stride) = drawn;
                    stride = Math.Min(stride, size);
                    var grid = TileGrid.Cover(height, width, size, stride);
                    var covered = new bool[height, width];
                    foreach (var tile in grid.Tiles)
                    {
                        tile.Height.ShouldBe(Math.Min(size, height));
                        tile.Width.ShouldBe(Math.Min(size, width));
                        for (var y = 0; y < tile.Height; y++)
                        {
                            for (var x = 0; x < tile.Width; x++)
                            {
                                covered[tile.Top + y, tile.Left + x] = true;
                            }
                        }
                    }

                    covered.Cast<bool>().ShouldAllBe(pixel => pixel);
                    grid.Tiles.Distinct().Count().ShouldBe(grid.Tiles.Count);
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(64, 65)]
    public void A_stride_that_leaves_gaps_is_refused(int size, int stride) =>
        Should
            .Throw<DiffBirException>(() => TileGrid.Cover(100, 100, size, stride))
            .Message.ShouldContain($"The tile size is {size} and the stride {stride}");
}
