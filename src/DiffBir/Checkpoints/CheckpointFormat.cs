namespace DiffBir.Checkpoints;

/// <summary>The container of a checkpoint, recognized by its first bytes.</summary>
internal enum CheckpointFormat
{
    /// <summary>PyTorch since 1.6: a zip archive of stored entries and a pickle.</summary>
    TorchZip,

    /// <summary>PyTorch before 1.6: pickles followed by raw storages.</summary>
    TorchLegacy,

    /// <summary>A JSON header followed by raw tensors.</summary>
    Safetensors,
}
