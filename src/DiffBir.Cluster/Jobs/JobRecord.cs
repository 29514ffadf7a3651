namespace DiffBir.Cluster.Jobs;

/// <summary>What became of a job: written once, and the truth from then on.</summary>
internal sealed record JobRecord
{
    /// <summary>The job.</summary>
    public required Job Job { get; init; }

    /// <summary>Hash of its recipe.</summary>
    public required string Recipe { get; init; }

    /// <summary>Its results; null after a failure.</summary>
    public IReadOnlyList<ResultFile>? Results { get; init; }

    /// <summary>Why there are none; null after success.</summary>
    public JobFailure? Failure { get; init; }

    /// <summary>Who wrote it.</summary>
    public required string Worker { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Finished { get; init; }
}

/// <summary>A result as it was committed.</summary>
/// <param name="Name">Its name below the batch's output.</param>
/// <param name="Sha256">Of its content.</param>
internal sealed record ResultFile(string Name, string Sha256);

/// <summary>Why a photo has no result.</summary>
/// <param name="Kind">What would help.</param>
/// <param name="Message">In a sentence.</param>
/// <param name="Attempts">What is known of the attempts that did not end.</param>
internal sealed record JobFailure(FailureKind Kind, string Message, IReadOnlyList<Attempt> Attempts);

/// <summary>Kinds of failures.</summary>
internal enum FailureKind
{
    /// <summary>The photo cannot be restored; trying again gives the same.</summary>
    Permanent,

    /// <summary>Its workers died of it, one after the other; it is set aside.</summary>
    SetAside,

    /// <summary>Something else failed each time, such as a disk: the next run of the batch tries again.</summary>
    Passing,
}

/// <summary>One try at a job.</summary>
/// <param name="Id">What no other try has.</param>
/// <param name="Worker">Who tried.</param>
/// <param name="Started">When.</param>
/// <param name="Error">Why it ended without a result; null while it goes on, and for ever where its worker died.</param>
internal sealed record Attempt(string Id, string Worker, DateTimeOffset Started, string? Error = null);
