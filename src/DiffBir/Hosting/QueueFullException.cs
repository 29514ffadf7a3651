namespace DiffBir.Hosting;

/// <summary>As many callers wait for a restoration as may (<see cref="DiffBirOptions.MaxWaiting"/>): try again later.</summary>
public sealed class QueueFullException(string message) : DiffBirException(message);
