using DiffBir.Networks;

namespace DiffBir.Training.Configuration;

/// <summary>A network that learns to tell generated images from photos, and what its opinion counts.</summary>
internal sealed record AdversaryOptions
{
    /// <summary>What a side of a crop must be a multiple of: it is seen at an eighth of its size in the end.</summary>
    internal const int SizeMultiple = 8;

    /// <summary>Channels of the first layer, which sees the image at a quarter of its size; twice as many behind it. A multiple of 16.</summary>
    public int Channels { get; init; } = 64;

    /// <summary>
    /// What it takes for real. The teacher's images show the same things as the generator's, so it learns sooner and asks for nothing
    /// that cannot be known; photos know more, grain too.
    /// </summary>
    public RealImages Real { get; init; } = RealImages.Photos;

    /// <summary>How much it counts, beside the errors of pixels and edges, that generated images are taken for photos.</summary>
    public double Weight { get; init; } = 0.02;

    /// <summary>How much the difference counts between what it sees in a generated image and in the image to learn from.</summary>
    public double FeatureWeight { get; init; } = 0.5;

    /// <summary>What the generator's learning rate is multiplied with for the discriminator.</summary>
    public double Rate { get; init; } = 1;

    internal IEnumerable<string> ValidationErrors(int crop)
    {
        if (Channels is < 16 or > ConfigRules.MaxChannels || Channels % 16 != 0)
        {
            yield return $"adversary.channels must be a multiple of 16 from 16 to {ConfigRules.MaxChannels}, got {Channels}";
        }

        if (!(Weight >= 0) || !(FeatureWeight >= 0))
        {
            yield return $"adversary.weight and featureWeight must be 0 or more, got {Weight} and {FeatureWeight}";
        }

        if (!(Rate > 0))
        {
            yield return $"adversary.rate must be greater than 0, got {Rate}";
        }

        if (crop % SizeMultiple != 0)
        {
            yield return $"data.crop must be a multiple of {SizeMultiple} with an adversary, got {crop}";
        }
    }
}

/// <summary>What a discriminator takes for real.</summary>
internal enum RealImages
{
    /// <summary>The clean photos.</summary>
    Photos,

    /// <summary>The images that the generator learns from: the teacher's where there is one for a sample, else the clean photo.</summary>
    Targets,
}
