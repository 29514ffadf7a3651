using DiffBir.Server.Storage;

namespace DiffBir.Server.Jobs;

/// <summary>A place in the queue that is kept for a photo while it is sent.</summary>
/// <param name="board">Who keeps it.</param>
/// <param name="address">Where it is sent from.</param>
internal sealed class UploadSlot(JobBoard board, string address) : IDisposable
{
    /// <summary>Where the photo is sent from, as an opaque text.</summary>
    public string Address => address;

    /// <summary>Bytes that have arrived; the board's to change.</summary>
    public long Bytes { get; set; }

    /// <summary>Makes room on the disk for bytes that have arrived, if need be instead of finished jobs.</summary>
    /// <exception cref="OverloadException">There is none even so.</exception>
    /// <exception cref="StorageException">The disk or the database refuses.</exception>
    public void Arrive(int bytes) => board.Arrive(this, bytes);

    /// <summary>Gives the place back.</summary>
    public void Dispose() => board.Release(this);
}
