using DiffBir.Restoration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>What an attempt at a job came to.</summary>
/// <param name="State">Done, failed or cancelled.</param>
internal sealed record JobOutcome(JobState State)
{
    /// <summary>The result, where it is done.</summary>
    public Picture? Output { get; init; }

    /// <summary>Who found the faces, where it is done and they are restored by themselves.</summary>
    public FacesFoundBy? FacesFoundBy { get; init; }

    /// <summary>What its owner is told, where it failed.</summary>
    public JobError? Error { get; init; }

    /// <summary>What happened, where it failed; nobody's business but the log's.</summary>
    public Exception? Cause { get; init; }

    /// <summary>A job after this attempt.</summary>
    public Job Of(Job job) => job with { State = State, Output = Output, FacesFoundBy = FacesFoundBy, Error = Error };
}
