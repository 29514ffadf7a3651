namespace DiffBir.Networks.Diffusion;

/// <summary>The sizes of the diffusion UNet and, with the same encoder, of IRControlNet.</summary>
public sealed record UNetConfig
{
    /// <summary>The UNet of Stable Diffusion 2.1.</summary>
    public static UNetConfig StableDiffusion21 { get; } = new();

    /// <summary>Channels of the latent that goes in.</summary>
    public int InChannels { get; init; } = 4;

    /// <summary>Channels of the prediction.</summary>
    public int OutChannels { get; init; } = 4;

    /// <summary>Channels of the condition latent, which IRControlNet reads beside x_t.</summary>
    public int HintChannels { get; init; } = 4;

    /// <summary>Channels at full latent resolution; a multiple of <see cref="NormGroups"/>.</summary>
    public int ModelChannels { get; init; } = 320;

    /// <summary>Each level's channels as a multiple of <see cref="ModelChannels"/>; each level halves the resolution.</summary>
    public IReadOnlyList<int> ChannelMultipliers { get; init; } = [1, 2, 4, 4];

    /// <summary>Residual blocks of each encoder level; the decoder has one more.</summary>
    public int ResBlocks { get; init; } = 2;

    /// <summary>The factors of reduction at which levels have attention.</summary>
    public IReadOnlyList<int> AttentionFactors { get; init; } = [1, 2, 4];

    /// <summary>Channels of one attention head.</summary>
    public int HeadChannels { get; init; } = 64;

    /// <summary>Transformer blocks of each spatial transformer.</summary>
    public int TransformerDepth { get; init; } = 1;

    /// <summary>Features of each token of the text context; 0 where the networks read no text and have no attention to it.</summary>
    public int ContextFeatures { get; init; } = 1024;

    /// <summary>Groups of channels of each norm.</summary>
    public int NormGroups { get; init; } = 32;

    /// <summary>Features of the time embedding.</summary>
    public int TimeFeatures => 4 * ModelChannels;

    /// <summary>The number of skip connections: one from each encoder block.</summary>
    public int Skips => ChannelMultipliers.Count * (ResBlocks + 1);

    /// <summary>The number of IRControlNet's outputs: one for each encoder block and the middle block.</summary>
    public int Controls => Skips + 1;

    /// <summary>Height and width of latents must be multiples of this.</summary>
    public int SizeMultiple => 1 << (ChannelMultipliers.Count - 1);
}
