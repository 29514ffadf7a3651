using DiffBir.Training.Execution;
using DiffBir.Training.Tasks;
using DiffBir.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using TorchTensor = TorchSharp.torch.Tensor;

namespace DiffBir.Training.Tests.Tasks;

public sealed class PatchDiscriminatorTests
{
    [Fact]
    public void The_spectral_norm_is_the_largest_singular_value()
    {
        using var scope = NewDisposeScope();
        var weight = RandomValues.Normal("weight", 12, 5, 4, 4).ToTorch(CPU);

        var norm = PatchDiscriminator.SpectralNorm(weight).item<float>();

        var (_, values, _) = linalg.svd(weight.reshape(12, -1), fullMatrices: false);
        norm.ShouldBe(values[0].item<float>(), tolerance: 0.03f * norm);
    }

    [Fact]
    public void Its_own_loss_moves_its_weights_and_the_generators_does_not()
    {
        using var scope = NewDisposeScope();
        using var network = New();
        var image = RandomValues.Normal("image", 1, 3, 16, 16).ToTorch(CPU);
        image.requires_grad = true;

        PatchDiscriminator
            .Loss(network.Run(image, Clean, PatchDiscriminator.Frozen(network.Normalized())), isPhoto: true)
            .backward();

        network.Weights.Tensors.Values.ShouldAllBe(weight => IsUnset(weight.grad));
        image.grad!.abs().sum().item<float>().ShouldBeGreaterThan(0);

        PatchDiscriminator.Loss(network.Run(image.detach(), Clean, network.Normalized()), isPhoto: false).backward();

        network.Weights.Tensors.Values.ShouldAllBe(weight => weight.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Images_that_look_the_same_differ_by_nothing_and_others_by_more()
    {
        using var scope = NewDisposeScope();
        using var network = New();
        var (image, other) = (
            RandomValues.Normal("image", 1, 3, 16, 16).ToTorch(CPU),
            RandomValues.Normal("other", 1, 3, 16, 16).ToTorch(CPU)
        );

        PatchDiscriminator
            .FeatureLoss(
                network.Run(image, Clean, PatchDiscriminator.Frozen(network.Normalized())),
                network.Run(image, Clean, PatchDiscriminator.Frozen(network.Normalized()))
            )
            .item<float>()
            .ShouldBe(0);
        PatchDiscriminator
            .FeatureLoss(
                network.Run(image, Clean, PatchDiscriminator.Frozen(network.Normalized())),
                network.Run(other, Clean, PatchDiscriminator.Frozen(network.Normalized()))
            )
            .item<float>()
            .ShouldBeGreaterThan(0.01f);
    }

    private static TorchTensor Clean => RandomValues.Normal("clean", 1, 3, 16, 16).ToTorch(CPU);

    private static bool IsUnset(TorchTensor? gradient) => gradient is null;

    private static PatchDiscriminator New() => new(channels: 16, seed: 1, crop: 16, CPU, ScalarType.Float32);
}
