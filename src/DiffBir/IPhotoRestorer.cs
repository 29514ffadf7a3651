using DiffBir.Imaging;
using DiffBir.Restoration;

namespace DiffBir;

/// <summary>Restores photos, one at a time.</summary>
public interface IPhotoRestorer : IDisposable
{
    /// <summary>How a photo is read for this restoration: within its memory, to where whole images belong.</summary>
    ImageReadOptions ReadOptions { get; }

    /// <summary>The size of a photo's restoration.</summary>
    (int Height, int Width) OutputSize(Photo lq);

    /// <summary>How much arithmetic a photo's restoration is, with what the machine has free now.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="faces">How many faces of it are restored by themselves, where that is what this restores.</param>
    RestorationWork Work(Photo lq, int faces = 0);

    /// <summary>Restores one photo.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>One photo for each sample; the caller owns them.</returns>
    /// <exception cref="InvalidOperationException">Another photo is being restored.</exception>
    /// <exception cref="ObjectDisposedException">The restorer is disposed.</exception>
    IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default);
}
