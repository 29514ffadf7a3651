namespace DiffBir.Tools;

/// <summary>The library is not what the mender knows how to mend; the message completes "cannot be mended: …".</summary>
internal sealed class MendingException(string message) : Exception(message);
