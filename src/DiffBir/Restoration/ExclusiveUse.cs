namespace DiffBir.Restoration;

/// <summary>Lets one caller at a time use something, and frees it once: not before the caller that uses it is done.</summary>
/// <param name="owner">What is used, for messages.</param>
/// <param name="overlap">What a second caller is told.</param>
/// <param name="free">Frees it.</param>
internal sealed class ExclusiveUse(object owner, string overlap, Action free) : IDisposable
{
    private readonly Lock _lock = new();
    private bool _isInUse;
    private bool _isDisposed;

    /// <summary>Begins a use, which ends when the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is freed, or about to be.</exception>
    /// <exception cref="InvalidOperationException">Another caller uses it.</exception>
    public IDisposable Begin()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, owner);
            if (_isInUse)
            {
                throw new InvalidOperationException(overlap);
            }

            _isInUse = true;
        }

        return new Use(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (_isInUse)
            {
                return;
            }
        }

        free();
    }

    private void End()
    {
        lock (_lock)
        {
            _isInUse = false;
            if (!_isDisposed)
            {
                return;
            }
        }

        free();
    }

    private sealed class Use(ExclusiveUse use) : IDisposable
    {
        public void Dispose() => use.End();
    }
}
