using static TorchSharp.torch;
using TorchTensor = TorchSharp.torch.Tensor;

namespace DiffBir.Training.Tests.Native;

/// <summary>TorchSharp loads on this system and computes; everything in the training project rests on that.</summary>
public sealed class TorchSharpTests
{
    /// <summary>Of central differences in double precision with steps of 1e-4.</summary>
    private const double DifferenceTolerance = 1e-6;

    [Fact]
    public void A_seed_gives_PyTorch_s_numbers()
    {
        using var generator = new Generator(0);
        using var numbers = randn(3, generator: generator);

        // torch.manual_seed(0); torch.randn(3)
        numbers.data<float>().ToArray().ShouldBe([1.5409961f, -0.2934289f, -2.1787894f]);
    }

    [Fact]
    public void A_convolution_gives_the_sum_of_its_window()
    {
        using var scope = NewDisposeScope();
        var image = arange(16, dtype: float32).reshape(1, 1, 4, 4);

        var sums = nn.functional.conv2d(image, ones(1, 1, 3, 3));

        sums.data<float>().ToArray().ShouldBe([45, 54, 81, 90]);
    }

    [Fact]
    public void Gradients_of_a_convolution_agree_with_differences()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var image = randn(2, 3, 6, 5, dtype: float64, generator: generator);
        var weights = randn(4, 3, 3, 3, dtype: float64, generator: generator).requires_grad_();

        TorchTensor Loss() => nn.functional.conv2d(image, weights, padding: [1, 1]).tanh().mean();
        Loss().backward();

        const double Step = 1e-4;
        var gradient = weights.grad!.reshape(-1).data<double>().ToArray();
        using var _ = no_grad();
        var flat = weights.reshape(-1);
        for (var index = 0; index < gradient.Length; index += 13)
        {
            flat[index].add_(Step);
            var above = Loss().item<double>();
            flat[index].sub_(2 * Step);
            var below = Loss().item<double>();
            flat[index].add_(Step);

            ((above - below) / (2 * Step)).ShouldBe(gradient[index], DifferenceTolerance);
        }
    }
}
