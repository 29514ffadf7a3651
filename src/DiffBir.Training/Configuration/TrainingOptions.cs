namespace DiffBir.Training.Configuration;

/// <summary>What every training task can be told; each task adds its own.</summary>
internal abstract record TrainingOptions
{
    /// <summary>Initial weights, the order of photos, crops, degradations, timesteps and noise depend on it alone.</summary>
    public long Seed { get; init; } = 231;

    /// <summary>The number of optimizer steps of the whole run.</summary>
    public long Steps { get; init; } = 100_000;

    /// <summary>Steps between lines of progress.</summary>
    public int LogEvery { get; init; } = 50;

    /// <summary>Steps between validations.</summary>
    public int ValidateEvery { get; init; } = 1000;

    /// <summary>Steps between saved states.</summary>
    public int SaveEvery { get; init; } = 1000;

    /// <summary>Photos per validation.</summary>
    public int ValidationPhotos { get; init; } = 16;

    /// <summary>The numbers in which convolutions and matrix products are computed while training.</summary>
    public ProductPrecision Precision { get; init; } = ProductPrecision.Float32;

    /// <summary>Where samples come from.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>How weights are moved.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Throws unless every value is allowed.</summary>
    /// <exception cref="DiffBirException">Values are not allowed; the message lists each.</exception>
    public void Validate()
    {
        var problems = ValidationErrors().Concat(Data.ValidationErrors()).Concat(Optimizer.ValidationErrors()).ToArray();
        if (problems.Length > 0)
        {
            throw new DiffBirException($"The configuration cannot be used: {string.Join("; ", problems)}.");
        }
    }

    private protected virtual IEnumerable<string> ValidationErrors()
    {
        (string Name, long Value)[] counts =
        [
            ("steps", Steps),
            ("logEvery", LogEvery),
            ("validateEvery", ValidateEvery),
            ("saveEvery", SaveEvery),
            ("validationPhotos", ValidationPhotos),
        ];
        return counts.Where(count => count.Value < 1).Select(count => $"{count.Name} must be 1 or more, got {count.Value}");
    }
}

/// <summary>The numbers in which convolutions and matrix products are computed; weights, norms and sums stay 32-bit.</summary>
internal enum ProductPrecision
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>
    /// 16-bit brain floats: two to three times as fast on processors with AVX-512 BF16 or AMX and on GPUs. On other processors, where
    /// they are many times slower, 32-bit floats are used instead.
    /// </summary>
    BFloat16,
}
