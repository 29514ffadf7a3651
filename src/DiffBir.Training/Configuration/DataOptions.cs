namespace DiffBir.Training.Configuration;

/// <summary>How photos become samples.</summary>
internal sealed record DataOptions
{
    /// <summary>Margins are multiples of this, in pixels, so that a shrunk sample has whole pixels in them.</summary>
    internal const int MarginUnit = 16;

    /// <summary>Samples of one batch.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Side of the square cut out of each photo, in pixels.</summary>
    public int Crop { get; init; } = 128;

    /// <summary>
    /// Pixels that the square is larger by while it is degraded, after which a part of it is cut out at random: so blocks of JPEG
    /// begin anywhere, and filters see what is beside the crop.
    /// </summary>
    public int Margin { get; init; }

    /// <summary>Whether crops are mirrored at random.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Whether crops are turned by a quarter at random.</summary>
    public bool Rotate { get; init; }

    /// <summary>
    /// Steps for which a batch stays, each with its own timesteps and noise: worth more than 1 where the frozen networks take
    /// longer than the trained one.
    /// </summary>
    public int Reuse { get; init; } = 1;

    /// <summary>Samples prepared ahead of the step.</summary>
    public int Ahead { get; init; } = 32;

    /// <summary>Threads that decode and degrade.</summary>
    public int Workers { get; init; } = 2;

    internal IEnumerable<string> ValidationErrors()
    {
        if (Batch < 1)
        {
            yield return $"data.batch must be 1 or more, got {Batch}";
        }

        if (Crop < 8)
        {
            yield return $"data.crop must be 8 or more, got {Crop}";
        }

        if (Margin < 0)
        {
            yield return $"data.margin must be 0 or more, got {Margin}";
        }

        if (Reuse < 1)
        {
            yield return $"data.reuse must be 1 or more, got {Reuse}";
        }

        if (Ahead < 1 || Workers < 1)
        {
            yield return $"data.ahead and data.workers must be 1 or more, got {Ahead} and {Workers}";
        }
    }
}
