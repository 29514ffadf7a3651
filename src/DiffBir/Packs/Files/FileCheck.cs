namespace DiffBir.Packs.Files;

/// <summary>How a file on this machine compares with its description.</summary>
public enum FileState
{
    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>Its SHA-256 is the published or the recorded one.</summary>
    Sound,

    /// <summary>It is there, but nobody knows what its SHA-256 should be.</summary>
    Unrecorded,

    /// <summary>Its size is another one.</summary>
    WrongSize,

    /// <summary>Its SHA-256 is another one.</summary>
    WrongChecksum,
}

/// <summary>What a check of a file found.</summary>
/// <param name="File">The file's description.</param>
/// <param name="Path">Where it is, or should be.</param>
/// <param name="State">How they compare.</param>
/// <param name="Size">Its bytes; null where it is missing.</param>
/// <param name="Sha256">Its SHA-256; null where it was not computed.</param>
public sealed record FileCheck(PackFile File, string Path, FileState State, long? Size, string? Sha256)
{
    /// <summary>What is wrong, in a sentence; null where nothing is.</summary>
    public string? Problem =>
        State switch
        {
            FileState.Missing => $"{Path} is missing.",
            FileState.WrongSize => $"{Path} has {Size:N0} bytes instead of {File.Size:N0}: it is another file, or not whole.",
            FileState.WrongChecksum =>
                $"{Path} has the SHA-256 {Sha256}, which is not the right one: it is another file, or damaged.",
            _ => null,
        };
}

/// <summary>A file that is in its place now.</summary>
/// <param name="File">The file's description.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Sha256">Its SHA-256.</param>
/// <param name="Source">Where it came from; null where it was in its place before.</param>
public sealed record PulledFile(PackFile File, string Path, string Sha256, string? Source);
