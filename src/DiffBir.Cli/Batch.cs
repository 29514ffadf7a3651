namespace DiffBir.Cli;

/// <summary>Handles one image after the other; what fails is named, and never ends the batch.</summary>
internal static class Batch
{
    /// <summary>Runs the batch.</summary>
    /// <param name="items">The images.</param>
    /// <param name="existing">What to do with outputs that are already there.</param>
    /// <param name="handle">Makes one image's outputs.</param>
    /// <param name="report">Hears what became of each image.</param>
    /// <param name="cancellation">Stops between two images, and inside if <paramref name="handle"/> heeds it.</param>
    /// <returns><see cref="ExitCode.Success"/> or <see cref="ExitCode.SomeFailed"/>.</returns>
    public static int Run<T>(
        IReadOnlyList<BatchItem> items,
        Existing existing,
        Func<BatchItem, T> handle,
        Action<BatchResult<T>> report,
        CancellationToken cancellation
    )
        where T : class
    {
        var failed = 0;
        foreach (var item in items)
        {
            cancellation.ThrowIfCancellationRequested();
            var isDone = existing == Existing.Skip && item.Outputs.All(File.Exists);
            var result = isDone ? new BatchResult<T>(item, null, null) : Try(item, existing, handle);
            failed += result.Failure is null ? 0 : 1;
            report(result);
        }

        return failed == 0 ? ExitCode.Success : ExitCode.SomeFailed;
    }

    private static BatchResult<T> Try<T>(BatchItem item, Existing existing, Func<BatchItem, T> handle)
        where T : class
    {
        try
        {
            if (existing == Existing.Refuse && item.Outputs.FirstOrDefault(File.Exists) is { } there)
            {
                throw new UsageException($"{there} is already there. Use --overwrite or --skip-existing.");
            }

            foreach (var folder in item.Outputs.Select(Path.GetDirectoryName).Distinct())
            {
                if (folder is { Length: > 0 })
                {
                    Directory.CreateDirectory(folder);
                }
            }

            return new BatchResult<T>(item, handle(item), null);
        }
        catch (Exception error) when (error is DiffBirException or IOException or UnauthorizedAccessException)
        {
            return new BatchResult<T>(item, null, error.Message);
        }
        catch (OutOfMemoryException)
        {
            return new BatchResult<T>(
                item,
                null,
                "The memory does not suffice. Lower --max-memory or --tile, or close other programs."
            );
        }
    }
}

/// <summary>What became of one image: a value, a failure, or neither where its outputs were there.</summary>
/// <param name="Item">The image.</param>
/// <param name="Value">What its handling gave; null after a failure.</param>
/// <param name="Failure">What went wrong, in a sentence; null after success.</param>
internal sealed record BatchResult<T>(BatchItem Item, T? Value, string? Failure)
    where T : class
{
    /// <summary>Whether nothing was to be done.</summary>
    public bool IsSkipped => Value is null && Failure is null;
}
