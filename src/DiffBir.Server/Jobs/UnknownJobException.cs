namespace DiffBir.Server.Jobs;

/// <summary>There is no job of a name, or not any more.</summary>
internal sealed class UnknownJobException()
    : DiffBirException("There is no such restoration; it may have expired or been deleted.");
