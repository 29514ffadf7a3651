namespace DiffBir.Cli.Files;

/// <summary>Handles one image after the other; what fails is named, and never ends the batch.</summary>
internal static class Batch
{
    /// <summary>Runs the batch.</summary>
    /// <param name="items">The images.</param>
    /// <param name="existing">What to do with outputs that are already there.</param>
    /// <param name="handle">Makes one image's outputs.</param>
    /// <param name="display">Hears what became of each image.</param>
    /// <param name="cancellation">Stops between two images, and inside if <paramref name="handle"/> heeds it.</param>
    /// <returns><see cref="ExitCode.Success"/> or <see cref="ExitCode.Failed"/>.</returns>
    /// <exception cref="UsageException">Before anything is done: an output would replace an input, or cannot be written.</exception>
    public static int Run<T>(
        IReadOnlyList<BatchItem> items,
        Existing existing,
        Func<BatchItem, T> handle,
        IBatchDisplay<T> display,
        CancellationToken cancellation
    )
        where T : class
    {
        Validate(items, existing);
        var failed = 0;
        try
        {
            foreach (var item in items)
            {
                cancellation.ThrowIfCancellationRequested();
                var result = IsDone(item, existing) ? new BatchResult<T>(item, null, null) : Try(item, existing, handle);
                failed += result.Failure is null ? 0 : 1;
                display.Report(result);
            }
        }
        finally
        {
            // Of a batch that was stopped as well.
            display.Conclude(failed, items.Count);
        }

        return ExitCode.Of(failed);
    }

    /// <summary>Whether nothing is to be done for an image, because its outputs are there.</summary>
    public static bool IsDone(BatchItem item, Existing existing) =>
        existing == Existing.Skip && item.Input.Problem is null && item.Outputs.All(File.Exists);

    /// <summary>Finds out before the work whether its outputs can be written, and replace no input.</summary>
    /// <exception cref="UsageException">An output would replace an input, or cannot be written.</exception>
    public static void Validate(IReadOnlyList<BatchItem> items, Existing existing)
    {
        var kept = new KeptInputs(items.Select(item => item.Input));
        foreach (var output in items.SelectMany(item => item.Outputs))
        {
            kept.ValidateOther(output);
        }

        OutputFolder.ValidateFor(items.Where(item => !IsDone(item, existing)).SelectMany(item => item.Outputs));
    }

    private static BatchResult<T> Try<T>(BatchItem item, Existing existing, Func<BatchItem, T> handle)
        where T : class
    {
        try
        {
            ValidateRoom(item, existing);
            MakeFolders(item);
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

    /// <summary>Throws where something is in the outputs' place.</summary>
    /// <exception cref="UsageException">Something is.</exception>
    public static void ValidateRoom(BatchItem item, Existing existing)
    {
        if (existing == Existing.Refuse && item.Outputs.FirstOrDefault(File.Exists) is { } there)
        {
            throw new UsageException($"{there} is already there. Use --overwrite or --skip-existing.");
        }

        if (item.Outputs.FirstOrDefault(Directory.Exists) is { } folder)
        {
            throw new UsageException(
                $"{folder} is a folder, and its result would have this name. Rename it, or name another output (-o)."
            );
        }
    }

    private static void MakeFolders(BatchItem item)
    {
        foreach (var output in item.Outputs)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        }
    }
}

/// <summary>Shows what becomes of a batch.</summary>
internal interface IBatchDisplay<T>
    where T : class
{
    /// <summary>Hears what became of an image, in the order of the batch.</summary>
    void Report(BatchResult<T> result);

    /// <summary>Hears that the batch has ended.</summary>
    /// <param name="failed">How many images failed.</param>
    /// <param name="all">All images of the batch.</param>
    void Conclude(int failed, int all);
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
