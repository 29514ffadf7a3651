using System.Text.Json;
using DiffBir.Autoencoding;
using DiffBir.Graphs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Autoencoding;

public sealed class PaddedTilesTests
{
    private const int Margin = 11;

    [ParityFact]
    public void Tiles_are_cut_as_v2_1_cuts_them()
    {
        var fixture = Parity.Fixture("vae_tiled");
        var cases = fixture.Json("cases").EnumerateArray();
        foreach (var tiled in cases.Where(tiled => tiled.TryGetProperty("in_boxes", out _)))
        {
            var name = tiled.GetProperty("case").GetString()!;
            var isEncoder = name.StartsWith("encode", StringComparison.Ordinal);
            var input = fixture.Shape(isEncoder ? $"{name}/image" : $"{name}/z");
            var tiles = PaddedTiles.Of(input[2], input[3], tiled.GetProperty("tile").GetInt32(), isEncoder ? 32 : Margin);

            tiles.Select(tile => Sides(tile.Read)).ShouldBe(Boxes(tiled.GetProperty("in_boxes")), name);
            tiles
                .Select(tile => isEncoder ? Reduced(tile.Own) : tile.Own.Enlarge(8))
                .Select(Sides)
                .ShouldBe(Boxes(tiled.GetProperty("out_boxes")), name);
        }
    }

    [Fact]
    public void The_tiles_own_parts_cover_any_area_once_and_lie_inside_what_is_read()
    {
        for (var height = 1; height < 150; height += 7)
        {
            for (var side = 8; side <= 48; side += 5)
            {
                const int Width = 61;
                var covered = new int[height * Width];
                foreach (var (read, own) in PaddedTiles.Of(height, Width, side, Margin))
                {
                    read.Hull(own).ShouldBe(read);
                    read.Rows.Length.ShouldBeLessThanOrEqualTo(side + (2 * Margin));
                    for (var row = own.Rows.Start; row < own.Rows.End; row++)
                    {
                        for (var column = own.Columns.Start; column < own.Columns.End; column++)
                        {
                            covered[(row * Width) + column]++;
                        }
                    }
                }

                var times = Math.Max(height, Width) <= (2 * Margin) + side ? 0 : 1;
                covered.ShouldAllBe(count => count == times);
            }
        }
    }

    private static string Sides(Region region) =>
        string.Join(' ', region.Columns.Start, region.Columns.End, region.Rows.Start, region.Rows.End);

    private static Region Reduced(Region region) =>
        new(new(region.Rows.Start / 8, region.Rows.End / 8), new(region.Columns.Start / 8, region.Columns.End / 8));

    private static IEnumerable<string> Boxes(JsonElement boxes) =>
        boxes.EnumerateArray().Select(box => string.Join(' ', box.EnumerateArray().Select(side => side.GetInt32())));
}
