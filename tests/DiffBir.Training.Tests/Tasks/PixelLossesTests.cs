using DiffBir.Training.Configuration;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

public sealed class PixelLossesTests
{
    [Fact]
    public void Contrast_counts_a_blurred_edge_and_not_one_that_lies_elsewhere_in_its_windows()
    {
        using var scope = NewDisposeScope();
        var edge = Edge(at: 18);
        var blurred = nn.functional.avg_pool2d(nn.functional.pad(edge, [2, 2, 2, 2], PaddingModes.Replicate), 5, 1);

        var (byBlur, byPlace) = (Contrast(blurred, edge), Contrast(Edge(at: 19), edge));

        Contrast(edge, edge).ShouldBe(0);
        byPlace.ShouldBe(0, 1e-6f);
        byBlur.ShouldBeGreaterThan(0.02f);
        // To the mean error of pixels both are about as far.
        (blurred - edge)
            .abs()
            .mean()
            .item<float>()
            .ShouldBeLessThan((Edge(at: 19) - edge).abs().mean().item<float>() * 1.3f);
    }

    [Fact]
    public void Contrast_is_not_to_be_had_by_dots_on_every_second_pixel()
    {
        using var scope = NewDisposeScope();
        var edge = Edge(at: 18);
        var blurred = nn.functional.avg_pool2d(nn.functional.pad(edge, [2, 2, 2, 2], PaddingModes.Replicate), 5, 1);
        var place = arange(32);
        var dots = (((place.unsqueeze(0) + place.unsqueeze(1)) % 2) - 0.5) * 0.1;

        Contrast(blurred + dots, edge).ShouldBe(Contrast(blurred, edge), 1e-5f);
        Contrast(edge + dots, edge).ShouldBe(0, 1e-5f);
    }

    [Fact]
    public void Contrast_across_a_line_is_not_to_be_had_by_beads_along_it()
    {
        using var scope = NewDisposeScope();
        var line = zeros(1, 3, 32, 32);
        line.narrow(2, 14, 4).fill_(1);
        var faint = line * 0.8;
        var beads = line * ((arange(32) % 4 / 2).floor() - 0.5) * 0.2; // two bright, two dark

        Contrast(faint + beads, line).ShouldBeGreaterThan(Contrast(faint, line));
    }

    [Fact]
    public void A_negative_weight_is_refused()
    {
        foreach (var options in new[] { TinyRuns.Turbo with { ContrastWeight = -1 }, TinyRuns.Turbo with { HarmWeight = -1 } })
        {
            Should
                .Throw<DiffBirException>(options.Validate)
                .Message.ShouldContain("edgeWeight, contrastWeight and harmWeight must be 0 or more");
        }
    }

    private static float Contrast(torch.Tensor image, torch.Tensor original) =>
        PixelLosses.OfContrast(image, original).item<float>();

    /// <summary>[1, 3, 32, 32], dark on the left and bright from a column on.</summary>
    private static torch.Tensor Edge(int at)
    {
        var image = zeros(1, 3, 32, 32);
        image.narrow(3, at, 32 - at).fill_(1);
        return image;
    }
}
