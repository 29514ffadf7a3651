namespace DiffBir.Hosting;

/// <summary>A photo of a batch.</summary>
/// <param name="Input">The photo's file.</param>
/// <param name="Output">The file of its result, which is replaced if it is there.</param>
public sealed record PhotoFile(string Input, string Output);

/// <summary>What became of a photo of a batch.</summary>
/// <param name="File">The photo.</param>
/// <param name="Failure">Why it has no result; null where it has one.</param>
public sealed record RestoredFile(PhotoFile File, DiffBirException? Failure);
