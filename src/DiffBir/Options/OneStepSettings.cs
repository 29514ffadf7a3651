using DiffBir.Packs;

namespace DiffBir.Options;

/// <summary>What concerns the one step, with nothing left to decide.</summary>
internal sealed record OneStepSettings
{
    /// <summary>What is taken of the latent distribution.</summary>
    public required PosteriorChoice Posterior { get; init; }

    /// <summary>How strongly the UNet with all LoRAs but the last acts.</summary>
    public required double Pixel { get; init; }

    /// <summary>How strongly what the last LoRA adds acts.</summary>
    public required double Semantic { get; init; }

    /// <summary>Whether the UNet with all LoRAs is used.</summary>
    public bool UsesFull => Semantic != 0 || !UsesFaithful;

    /// <summary>Whether the UNet without the last one is used.</summary>
    public bool UsesFaithful => Pixel != Semantic;

    /// <summary>The shortest side that the networks get.</summary>
    public required int MinimumSide { get; init; }

    /// <summary>How photos are fitted before they are encoded; null where they are only enlarged.</summary>
    public required FittedPhoto? Fit { get; init; }

    /// <summary>Whether the pack takes one step, unless the result is stage 1's; otherwise nothing else here counts.</summary>
    public required bool IsTaken { get; init; }

    /// <summary>Merges what is asked for with what the pack proposes.</summary>
    /// <exception cref="OptionException">The pack has no dial, or not as long a one.</exception>
    public static OneStepSettings Of(RestorationOptions options, ModelPack pack)
    {
        var (asked, step) = (options.OneStep, pack.OneStep);
        var hasDial = step is { HasDial: true };
        if (!hasDial && (asked.PixelScale ?? asked.SemanticScale) is not null)
        {
            throw new OptionException(
                $"The model {pack.Name} has no dial between pixels and detail; leave --pixel-scale and --semantic-scale out.",
                asked.PixelScale is null ? "semantic-scale" : "pixel-scale"
            );
        }

        var fidelity = hasDial ? options.Guidance.Scale ?? pack.Defaults.GuidanceScale : 0;
        if (fidelity > 1)
        {
            throw new OptionException(
                $"guidance-scale is {fidelity}; with the model {pack.Name} it is a dial from 0 (most detail) to 1 (most faithful) (--guidance-scale).",
                "guidance-scale"
            );
        }

        // The original cuts tiles of the side that it enlarges small photos to.
        var minimum = options.Tiling.Tile?.Size is { } tile && step?.Input == OneStepInput.Enlarged ? tile : pack.MinimumSide;
        return new()
        {
            IsTaken = step is not null && !options.Stage1Only,
            Posterior = asked.Posterior,
            Pixel = asked.PixelScale ?? 1,
            Semantic = asked.SemanticScale ?? (1 - fidelity),
            MinimumSide = minimum,
            Fit =
                step?.Input == OneStepInput.Fitted
                    ? new FittedPhoto(minimum, step.LeavesSmallEnlarged, asked.OriginalSize)
                    : null,
        };
    }
}

/// <summary>How OSEDiff and PiSA-SR fit a photo before it is encoded: small ones are enlarged to what the networks want, and all end in multiples of 8.</summary>
/// <param name="MinimumSide">The shortest side after enlarging (the original's <c>process_size</c>).</param>
/// <param name="LeavesSmallEnlarged">Whether the original leaves results of small photos as large as they were made.</param>
/// <param name="KeepsOriginalSize">Whether the result has the original's size, instead of that asked for.</param>
internal sealed record FittedPhoto(int MinimumSide, bool LeavesSmallEnlarged, bool KeepsOriginalSize)
{
    private const int Multiple = 8;

    /// <summary>A strip is enlarged to at most this many squares of the minimum's side (docs/quirks.md#small-outputs-are-enlarged).</summary>
    private const int MaxSquares = 16;

    /// <summary>The size to which the photo is brought before it is enlarged: its own, unless that is too small.</summary>
    public Size GrownSize(Size photo, double scale)
    {
        var least = Math.Max(1, Math.Floor(MinimumSide / scale));
        least = Math.Min(least, Math.Max(photo.Shorter, least * Math.Sqrt(MaxSquares * (double)photo.Shorter / photo.Longer)));
        return photo.Shorter >= least ? photo : photo.Scaled(least / photo.Shorter);
    }

    /// <summary>The size to which it is enlarged.</summary>
    public Size EnlargedSize(Size photo, double scale) => GrownSize(photo, scale).Scaled(scale);

    /// <summary>The size that is encoded: the next lower multiples of 8.</summary>
    public Size EncodedSize(Size photo, double scale)
    {
        var (height, width) = EnlargedSize(photo, scale);
        return new(Lower(height), Lower(width));
    }

    /// <summary>The size of the original's result.</summary>
    public Size OutputSize(Size photo, double scale) =>
        GrownSize(photo, scale) == photo || LeavesSmallEnlarged ? EncodedSize(photo, scale) : photo.Scaled(scale);

    private static int Lower(int side) => Math.Max(Multiple, side / Multiple * Multiple);
}
