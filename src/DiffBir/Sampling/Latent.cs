using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using DiffBir.Imaging;

namespace DiffBir.Sampling;

/// <summary>A batch of latents, or anything of their shape, such as noise: in memory, or where that would be too large in a scratch file.</summary>
/// <remarks>Never changes once it is computed. Whoever made it disposes it, or leaves that to its <see cref="LatentStore"/>.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class Latent : IDisposable
{
    private readonly int[] _shape;

    /// <summary>Takes planes as a batch of latents.</summary>
    /// <param name="planes">The values of all latents, channel by channel.</param>
    /// <param name="batch">How many latents they are.</param>
    /// <param name="store">Where what is computed from it goes.</param>
    internal Latent(PlanarImage planes, int batch, LatentStore store)
    {
        _shape = [batch, planes.Planes / batch, planes.Height, planes.Width];
        (Planes, Store) = (planes, store);
    }

    /// <summary>The sizes of the batch, the channels, the rows and the columns.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of values.</summary>
    public long Length => (long)Planes.Planes * Planes.Height * Planes.Width;

    /// <summary>The values, channel by channel.</summary>
    internal PlanarImage Planes { get; }

    /// <summary>Where what is computed from it goes.</summary>
    internal LatentStore Store { get; }

    /// <summary>A tensor as latents; nothing is copied.</summary>
    /// <param name="values">[B,C,h,w].</param>
    /// <exception cref="ShapeException">The tensor has another rank, or an empty axis.</exception>
    public static Latent Of(Tensor values) => new LatentStore(PlanarStorage.Memory).Wrap(values);

    /// <inheritdoc cref="Of"/>
    [return: NotNullIfNotNull(nameof(values))]
    public static implicit operator Latent?(Tensor? values) => values is null ? null : Of(values);

    /// <summary>The size of one axis.</summary>
    public int Size(int axis) => _shape[axis];

    /// <summary>All values in memory: the tensor it was made of, or a copy of the scratch file.</summary>
    /// <returns>[B,C,h,w].</returns>
    public Tensor ToTensor() => Planes.ToTensor().Reshape(_shape);

    /// <summary>Throws unless the shape is this one.</summary>
    /// <param name="name">What the latent is, for the message.</param>
    /// <param name="shape">The required shape; <c>-1</c> accepts every size.</param>
    /// <exception cref="ShapeException">The shape is another one.</exception>
    public void Validate(string name, params ReadOnlySpan<int> shape) => Tensor.Validate(name, _shape, shape);

    /// <inheritdoc/>
    public override string ToString() => $"Latent {Tensor.Format(_shape)}";

    /// <summary>Frees the scratch file; memory is left to the collector.</summary>
    public void Dispose() => Planes.Dispose();
}
