namespace DiffBir.Packs.Files;

/// <summary>No source of a model's files can be reached: there seems to be no connection.</summary>
public sealed class ConnectionException(string message) : DiffBirException(message);
