using DiffBir.Networks.Diffusion;
using DiffBir.Training.Execution;

namespace DiffBir.Training.Tasks;

/// <summary>IRControlNet's first weights: the UNet's encoder and middle block, zeros for what they lack.</summary>
internal static class ControlNetInitialization
{
    private const string FirstConvolution = "input_blocks.0.0.weight";

    /// <summary>Copies the UNet's weights over those of the same name in IRControlNet; both are named as in the joint network.</summary>
    /// <param name="control">IRControlNet's weights, whose output convolutions are zeros already.</param>
    /// <param name="unet">The UNet's weights.</param>
    public static void CopyFrom(this ParameterSet control, ParameterSet unet)
    {
        var (from, to) = ($"{ControlledUNet.UNetScope.Path}.", $"{ControlledUNet.ControlScope.Path}.");
        foreach (var (name, target) in control.Tensors.ToArray())
        {
            var layer = name[to.Length..];
            if (!unet.Tensors.TryGetValue(from + layer, out var source))
            {
                continue;
            }

            control.Assign(name, layer == FirstConvolution ? Widen(source, target) : source.ToHost());
        }
    }

    /// <summary>The first convolution also reads the condition latent, which changes nothing at first.</summary>
    private static Tensor Widen(TorchTensor source, TorchTensor target)
    {
        var narrow = source.ToHost();
        var wide = new Tensor(target.ToShape().AsSpan());
        var (length, stride) = (narrow.Length / narrow.Size(0), wide.Length / wide.Size(0));
        for (var output = 0; output < narrow.Size(0); output++)
        {
            narrow.Span.Slice(output * length, length).CopyTo(wide.Span[(output * stride)..]);
        }

        return wide;
    }
}
