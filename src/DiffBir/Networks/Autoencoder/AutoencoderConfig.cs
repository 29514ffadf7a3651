namespace DiffBir.Networks.Autoencoder;

/// <summary>The sizes of the variational autoencoder.</summary>
public sealed record AutoencoderConfig
{
    /// <summary>The autoencoder of Stable Diffusion 2.1.</summary>
    public static AutoencoderConfig StableDiffusion21 { get; } = new();

    /// <summary>Side of the square of pixels that the first and the last convolution see as one; 1 in Stable Diffusion.</summary>
    public int Patch { get; init; } = 1;

    /// <summary>Channels at full resolution; a multiple of <see cref="NormGroups"/>.</summary>
    public int Channels { get; init; } = 128;

    /// <summary>Each level's channels as a multiple of <see cref="Channels"/>; each level halves the resolution.</summary>
    public IReadOnlyList<int> ChannelMultipliers { get; init; } = [1, 2, 4, 4];

    /// <summary>Residual blocks of each encoder level; the decoder has one more.</summary>
    public int ResBlocks { get; init; } = 2;

    /// <summary>Channels of the latent.</summary>
    public int LatentChannels { get; init; } = 4;

    /// <summary>Groups of channels of each norm. Narrow networks need fewer: a group of one channel forgets its mean.</summary>
    public int NormGroups { get; init; } = 32;

    /// <summary>Whether every pixel of the bottleneck looks at every other, as in Stable Diffusion; what that costs grows with the square of their number.</summary>
    public bool MiddleAttention { get; init; } = true;

    /// <summary>What latents are multiplied with, so that their variance is about 1.</summary>
    public double ScaleFactor { get; init; } = 0.18215;

    /// <summary>Image pixels for each latent pixel, in each direction.</summary>
    public int Reduction => Patch << (ChannelMultipliers.Count - 1);
}
