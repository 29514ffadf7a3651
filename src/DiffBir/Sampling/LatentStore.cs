using DiffBir.Imaging;

namespace DiffBir.Sampling;

/// <summary>Makes latents, and frees what was made.</summary>
/// <remarks>
/// Samplers and the wrappers around a network make latents as formulas do, one for each operation, and name none that they have
/// finished with. A scope (<see cref="Begin"/>) frees them at its end. For one thread.
/// </remarks>
/// <param name="storage">Decides where a latent lies.</param>
internal sealed class LatentStore(PlanarStorage storage) : IDisposable
{
    private readonly Stack<List<Latent>> _scopes = new([
        [],
    ]);

    /// <summary>How many scratch files there are.</summary>
    internal int Count => _scopes.Sum(made => made.Count);

    /// <summary>Latents of zeros.</summary>
    /// <param name="shape">[B,C,h,w].</param>
    /// <exception cref="ShapeException">They are too large for memory and must not go to a file.</exception>
    /// <exception cref="ImageException">The scratch file cannot be made; the message says where and how large.</exception>
    internal Latent Create(params ReadOnlySpan<int> shape)
    {
        var planes = storage.Create(shape[0] * shape[1], shape[2], shape[3]);
        var latent = new Latent(planes, shape[0], this);
        if (!planes.IsInMemory)
        {
            _scopes.Peek().Add(latent);
        }

        return latent;
    }

    /// <summary>A tensor as latents of this store; nothing is copied.</summary>
    /// <param name="values">[B,C,h,w].</param>
    internal Latent Wrap(Tensor values) => new(PlanarImage.Of(values), values.Size(0), this);

    /// <summary>Begins a scope: what is made until its end is freed there, but for what it keeps.</summary>
    internal Scope Begin()
    {
        var made = new List<Latent>();
        _scopes.Push(made);
        return new Scope(this, made);
    }

    /// <summary>Frees everything that was made.</summary>
    public void Dispose()
    {
        foreach (var made in _scopes)
        {
            made.ForEach(latent => latent.Dispose());
            made.Clear();
        }
    }

    /// <summary>A part of the work.</summary>
    internal sealed class Scope(LatentStore store, List<Latent> made) : IDisposable
    {
        private readonly HashSet<Latent> _kept = [];

        /// <summary>Frees what was made until now, but for some.</summary>
        public void FreeAllBut(params ReadOnlySpan<Latent> kept)
        {
            HashSet<Latent> stays = [.. kept, .. _kept];
            foreach (var latent in made.Where(latent => !stays.Contains(latent)))
            {
                latent.Dispose();
            }

            made.RemoveAll(latent => !stays.Contains(latent));
        }

        /// <summary>Leaves a latent to the scope around this one.</summary>
        public Latent Keep(Latent latent)
        {
            _kept.Add(latent);
            return latent;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            FreeAllBut();
            store._scopes.Pop();
            store._scopes.Peek().AddRange(made);
        }
    }
}
