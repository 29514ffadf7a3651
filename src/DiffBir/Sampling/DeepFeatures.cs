namespace DiffBir.Sampling;

/// <summary>What the deep layers computed for one prompt, for the steps that take it over; each tile and each image has its own.</summary>
/// <param name="store">Where it lies: large photos have many tiles. Only this uses the store, and frees it.</param>
/// <param name="interval">The deep layers are computed in the first of so many steps.</param>
/// <param name="places">How many tiles, times images, there are.</param>
internal sealed class DeepFeatures(LatentStore store, int interval, int places) : IDisposable
{
    private readonly Dictionary<DeepPlace, int> _kept = [];
    private Latent? _values;
    private double? _timestep;
    private int _steps;

    /// <summary>What was kept, if this step takes it over.</summary>
    /// <param name="place">The tile and the image.</param>
    /// <param name="timestep">The step's; another one than before begins the next step.</param>
    /// <param name="shape">[1, C, h, w] of what was kept.</param>
    /// <returns>Null where the deep layers are to be computed.</returns>
    public Tensor? Find(DeepPlace place, double timestep, ReadOnlySpan<int> shape)
    {
        if (_timestep != timestep)
        {
            (_timestep, _steps) = (timestep, _steps + 1);
        }

        if ((_steps - 1) % interval == 0 || !_kept.TryGetValue(place, out var index))
        {
            return null;
        }

        var feature = new Tensor(shape);
        _values!.Planes.Read(index * (long)feature.Length, feature.Span);
        return feature;
    }

    /// <summary>Keeps what the deep layers computed, in the place of what they computed before.</summary>
    /// <param name="place">The tile and the image.</param>
    /// <param name="feature">[1, C, h, w]; the same for all places.</param>
    public void Keep(DeepPlace place, Tensor feature)
    {
        _values ??= store.Create(places, feature.Size(1), feature.Size(2), feature.Size(3));
        if (!_kept.TryGetValue(place, out var index))
        {
            _kept[place] = index = _kept.Count;
        }

        _values.Planes.Write(index * (long)feature.Length, feature.Span);
    }

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();
}

/// <summary>A part of the work that has deep features of its own.</summary>
/// <param name="Top">The tile's first row.</param>
/// <param name="Left">The tile's first column.</param>
/// <param name="Image">The image of the batch.</param>
internal readonly record struct DeepPlace(int Top, int Left, int Image);
