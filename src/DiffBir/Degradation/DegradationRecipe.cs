using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>How one image was degraded: every step with its drawn parameters. Its text is for people.</summary>
internal sealed class DegradationRecipe
{
    internal DegradationRecipe(DegradationStep? target, IReadOnlyList<DegradationStep> steps) =>
        (Target, Steps) = (target, steps);

    /// <summary>What happens to the clean image first, and stays so in the training target; null: nothing.</summary>
    internal DegradationStep? Target { get; }

    internal IReadOnlyList<DegradationStep> Steps { get; }

    /// <inheritdoc/>
    public override string ToString() => (Target is null ? "" : $"{Target}, ") + string.Join(", ", Steps);

    internal DegradedPair Apply(Tensor clean01, IRandomSource random)
    {
        var image = RentedImage.From(clean01);
        try
        {
            if (Target is not null)
            {
                Replace(ref image, Target.Apply(image, random));
                clean01 = image.ToTensor();
            }

            foreach (var step in Steps)
            {
                Replace(ref image, step.Apply(image, random));
            }

            return new DegradedPair(clean01, image.ToTensor(), this);
        }
        finally
        {
            image.Dispose();
        }
    }

    private static void Replace(ref RentedImage image, RentedImage next)
    {
        if (!ReferenceEquals(image, next))
        {
            image.Dispose();
            image = next;
        }
    }
}

/// <summary>A clean image and what became of it.</summary>
/// <param name="Clean">[1,3,H,W] in [0,1]: the given image, sharpened or developed where the family asks for it.</param>
/// <param name="Lq">[1,3,H/Shrink,W/Shrink] in [0,1]: the degraded image.</param>
/// <param name="Recipe">What was done.</param>
internal sealed record DegradedPair(Tensor Clean, Tensor Lq, DegradationRecipe Recipe);
