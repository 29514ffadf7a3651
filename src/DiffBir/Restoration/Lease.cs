namespace DiffBir.Restoration;

/// <summary>A network for as long as it is needed: disposing gives it back, and frees its memory unless there is room for all.</summary>
/// <param name="network">The network; whoever leases it does not dispose it.</param>
/// <param name="giveBack">Called once it is not needed any more.</param>
internal readonly struct Lease<T>(T network, Action giveBack) : IDisposable
{
    /// <summary>The network.</summary>
    public T Network => network;

    /// <inheritdoc/>
    public void Dispose() => giveBack();
}
