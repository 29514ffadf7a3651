using DiffBir.Stage2.Denoising;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>What networks without text get in its place: one token of zeros.</summary>
internal static class EmptyContext
{
    /// <summary>Its length.</summary>
    public const int Tokens = 1;

    /// <summary>The context of a batch. (B, 1, features)</summary>
    public static TorchTensor Of(int batch, UNetConfig sizes, Device device) =>
        zeros(batch, Tokens, sizes.ContextFeatures, device: device);
}
