using DiffBir.Imaging;
using DiffBir.Restoration;

namespace DiffBir.Server.Storage;

/// <summary>What becomes of a job.</summary>
internal enum JobState
{
    /// <summary>It waits.</summary>
    Queued,

    /// <summary>A worker has it.</summary>
    Running,

    /// <summary>There is a result.</summary>
    Done,

    /// <summary>There is an error.</summary>
    Failed,

    /// <summary>Its owner did not want it any more.</summary>
    Cancelled,
}

/// <summary>A restoration that somebody asked for: what is kept of it on disk.</summary>
internal sealed record Job
{
    /// <summary>The most faces of which images are kept: they are to look at, and the result has all.</summary>
    public const int MaxFaces = 24;

    /// <summary>Its name.</summary>
    public required JobId Id { get; init; }

    /// <summary>Whose it is, as an opaque text: jobs of the same owner take turns with those of others.</summary>
    public required string Owner { get; init; }

    /// <summary>Where it came from, as an opaque text: addresses take turns, and at each address its owners.</summary>
    public string Address { get; init; } = "";

    /// <summary>What has become of it.</summary>
    public JobState State { get; init; } = JobState.Queued;

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The options that were given, as text by their names.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>The upload.</summary>
    public required Picture Input { get; init; }

    /// <summary>The result; null until it is there.</summary>
    public Picture? Output { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When a worker took it, the last time if it did several times.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it came to its end.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>How many times a worker took it and the server did not stop in order before its end.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it failed.</summary>
    public JobError? Error { get; init; }

    /// <summary>The images from the middle of the work that are there.</summary>
    public IReadOnlyList<IntermediateImage> Intermediates { get; init; } = [];

    /// <summary>How many faces have images before and after, at most <see cref="MaxFaces"/>.</summary>
    public int Faces { get; init; }

    /// <summary>Who found the faces; null where they are not restored by themselves, and before it is done.</summary>
    public FacesFoundBy? FacesFoundBy { get; init; }

    /// <summary>The size of its files in bytes: an estimate of the most until it is finished.</summary>
    public long Bytes { get; init; }

    /// <summary>What its files take now: the upload alone until a worker has it.</summary>
    public long HeldBytes => State == JobState.Queued ? Input.Bytes : Bytes;

    /// <summary>Whether it came to its end.</summary>
    public bool IsFinished => State is not (JobState.Queued or JobState.Running);

    /// <summary>How long it ran; null until it is finished.</summary>
    public TimeSpan? Taken => Started is { } started && Finished is { } finished ? Elapsed(started, finished) : null;

    /// <summary>What its owner calls the result.</summary>
    public string ResultName(ImageFormat format) =>
        $"{Path.GetFileNameWithoutExtension(Input.Name)}-restored{format.Extension()}";

    /// <summary>How long it waited until it began.</summary>
    /// <param name="now">When it begins.</param>
    public TimeSpan Waited(DateTimeOffset now) => Elapsed(Created, now);

    /// <summary>No time where the clock was set back in between.</summary>
    private static TimeSpan Elapsed(DateTimeOffset from, DateTimeOffset to) => to > from ? to - from : TimeSpan.Zero;
}

/// <summary>An image file.</summary>
/// <param name="Name">What its owner calls it; never a path.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bytes">The file's size.</param>
/// <param name="Format">The file's format.</param>
internal sealed record Picture(string Name, int Width, int Height, long Bytes, ImageFormat Format)
{
    /// <summary>The pages or frames of the file.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>Which of them this is, from 1; null: the first, of AVIF the main one.</summary>
    public int? Page { get; init; }
}

/// <summary>What made a job fail. The names are written in the database.</summary>
internal enum JobErrorCode
{
    /// <summary>An option has a value that does not suit the photo.</summary>
    OptionInvalid,

    /// <summary>The photo is damaged, or cannot be written as wanted.</summary>
    ImageBroken,

    /// <summary>The model's files are not there any more.</summary>
    ModelUnavailable,

    /// <summary>Memory did not suffice.</summary>
    OutOfMemory,

    /// <summary>The disk had no room.</summary>
    DiskFull,

    /// <summary>It took too long.</summary>
    TimeLimit,

    /// <summary>The server crashed several times, or lost the upload.</summary>
    Interrupted,

    /// <summary>A fault of the server.</summary>
    Internal,
}

/// <summary>Why a job failed.</summary>
/// <param name="Code">What made it fail.</param>
/// <param name="Message">A sentence for its owner.</param>
internal sealed record JobError(JobErrorCode Code, string Message);

/// <summary>The images from the middle of the work.</summary>
internal enum IntermediateImage
{
    /// <summary>The clean image of stage 1.</summary>
    Clean,

    /// <summary>Where restoration guidance pulls.</summary>
    Weights,

    /// <summary>What the result would be if sampling ended now; only while it runs.</summary>
    Preview,
}
