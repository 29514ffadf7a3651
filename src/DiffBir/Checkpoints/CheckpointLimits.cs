namespace DiffBir.Checkpoints;

/// <summary>Bounds on what a checkpoint's index may hold, far above every real file; they bound time and memory of opening a hostile one.</summary>
internal static class CheckpointLimits
{
    /// <summary>Bytes of a safetensors header, a pickle or a zip directory; that of a full Stable Diffusion 2.1 takes 0.5 MB.</summary>
    public const long IndexBytes = 16 << 20;

    /// <summary>Bytes of memory that running a pickle may take; that of a full Stable Diffusion 2.1 takes 3 MB.</summary>
    public const long PickleMemory = 64 << 20;

    /// <summary>Tensors or zip entries; Stable Diffusion 2.1 with its EMA copy and optimizer has below 8,000.</summary>
    public const int Entries = 100_000;

    /// <summary>Axes of a tensor; PyTorch itself stops at 64.</summary>
    public const int Rank = 64;

    /// <summary>Elements of a view that repeats elements (a broadcast), as it needs more memory than the file has bytes.</summary>
    public const long ExpandedElements = 1 << 20;
}
