namespace DiffBir.Server.Safety;

/// <summary>Why a request is not let in.</summary>
internal enum AccessProblem
{
    /// <summary>It does not know the key.</summary>
    NoKey,

    /// <summary>It calls the machine by a name that is not its own.</summary>
    OtherHost,

    /// <summary>A page of another site makes it.</summary>
    OtherSite,
}

/// <summary>A request is not let in.</summary>
/// <param name="problem">Why.</param>
/// <param name="message">A sentence for whoever sent it, with the remedy.</param>
internal sealed class AccessException(AccessProblem problem, string message) : DiffBirException(message)
{
    /// <summary>Why.</summary>
    public AccessProblem Problem => problem;
}
