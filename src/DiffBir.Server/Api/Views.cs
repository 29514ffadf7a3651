using System.Text.Json.Nodes;
using DiffBir.Options;
using DiffBir.Restoration;
using DiffBir.Sampling;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Api;

/// <summary>A restoration as clients see it.</summary>
internal sealed record JobView
{
    /// <summary>Its name: 128 random bits in base64url.</summary>
    public required string Id { get; init; }

    /// <summary>What has become of it.</summary>
    public required JobState State { get; init; }

    /// <summary>Its place in the queue, 1 is next; null where it does not wait.</summary>
    public required int? Position { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it began to run.</summary>
    public required DateTimeOffset? Started { get; init; }

    /// <summary>When it came to its end.</summary>
    public required DateTimeOffset? Finished { get; init; }

    /// <summary>When it will be deleted; null until it is finished.</summary>
    public required DateTimeOffset? Expires { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The upload.</summary>
    public required PictureView Input { get; init; }

    /// <summary>The result; null until it is there.</summary>
    public required PictureView? Output { get; init; }

    /// <summary>The options that were given, by their names.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>How far it is; null unless it runs.</summary>
    public required ProgressView? Progress { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public required ErrorView? Error { get; init; }

    /// <summary>The images from the middle of the work that are there.</summary>
    public required IReadOnlyList<IntermediateImage> Intermediates { get; init; }

    /// <summary>How many faces have images before and after.</summary>
    public required int Faces { get; init; }

    /// <summary>Who found the faces; null where they are not restored by themselves, and before it is done.</summary>
    public required FacesFoundBy? FacesFoundBy { get; init; }

    /// <summary>The step of the latest preview; null where there is none.</summary>
    public required int? PreviewStep { get; init; }

    /// <summary>How long it ran; null until it is finished.</summary>
    public required double? SecondsTaken { get; init; }
}

/// <summary>An image file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Format">png, jpg, webp, tiff, avif or gif.</param>
/// <param name="Pages">
/// The pages or frames of the file. Of several, the one that the option page names is restored; without it the first, of AVIF the main one.
/// </param>
internal sealed record PictureView(string Name, int Width, int Height, long Bytes, string Format, int Pages);

/// <summary>How far a restoration is.</summary>
/// <param name="Stage">The part of the work.</param>
/// <param name="Step">The steps of this part that are done.</param>
/// <param name="Steps">The steps of this part.</param>
/// <param name="Fraction">The share of the whole work that is done, 0 … 1.</param>
/// <param name="SecondsLeft">How long it will still take; null until that is known.</param>
/// <param name="Face">The face that is restored, from 1; 0 for the photo or what is around its faces.</param>
/// <param name="Faces">The faces that are restored by themselves, before the rest; 0 where there are none.</param>
internal sealed record ProgressView(
    RestorationStage Stage,
    int Step,
    int Steps,
    double Fraction,
    double? SecondsLeft,
    int Face,
    int Faces
);

/// <summary>Why a restoration failed.</summary>
/// <param name="Code">A stable name.</param>
/// <param name="Message">A sentence with the remedy.</param>
internal sealed record ErrorView(string Code, string Message);

/// <summary>A new preview.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Step">The sampling steps that are done.</param>
internal sealed record PreviewView(string Url, int Step);

/// <summary>An error as clients see it (RFC 9457).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Detail">A sentence with the remedy.</param>
/// <param name="Code">A stable name.</param>
/// <param name="Option">The option that is wrong; null where none is.</param>
internal sealed record Problem(int Status, string Title, string Detail, string Code, string? Option = null);

/// <summary>A model as clients see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">One line for people.</param>
/// <param name="License">The license of its weights.</param>
/// <param name="Available">Whether its files are here.</param>
/// <param name="Missing">The names of the files that are not.</param>
/// <param name="IsDefault">Whether it is used where a request names none.</param>
/// <param name="Tasks">What it can do.</param>
/// <param name="TasksDiffer">Whether it matters which task a photo is given to.</param>
/// <param name="Regenerates">Whether it regenerates detail; otherwise it is stage 1 alone, and what steers stage 2 has no effect.</param>
/// <param name="WithoutEffect">The names of the options that change nothing with it.</param>
/// <param name="Defaults">What it uses where a request says nothing, by the options' names in camel case.</param>
internal sealed record ModelView(
    string Name,
    string Title,
    string License,
    bool Available,
    IReadOnlyList<string> Missing,
    bool IsDefault,
    IReadOnlyList<string> Tasks,
    bool TasksDiffer,
    bool Regenerates,
    IReadOnlyList<string> WithoutEffect,
    DefaultsView? Defaults
);

/// <summary>What a model uses where a request says nothing.</summary>
internal sealed record DefaultsView(
    double Upscale,
    int Steps,
    string Sampler,
    StartPoint Start,
    double CfgScale,
    double GuidanceScale,
    double StrongestGuidance,
    string Prompt,
    string NegativePrompt
);

/// <summary>The form of a request.</summary>
/// <param name="Options">Its fields besides <c>image</c> and <c>model</c>.</param>
/// <param name="Limits">What is refused.</param>
/// <param name="Formats">The formats of uploads; those of results are the choices of <c>format</c>.</param>
/// <param name="FindsFaces">Whether faces can be found here; otherwise they must be marked.</param>
internal sealed record FormView(
    IReadOnlyList<OptionView> Options,
    LimitsView Limits,
    IReadOnlyList<string> Formats,
    bool FindsFaces
);

/// <summary>The faces of a photo.</summary>
/// <param name="Width">The upright photo's columns.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Faces">The faces, the surest first.</param>
/// <param name="FoundBy">
/// Who found them: a network, or OpenCV's cascades, which miss faces that lean, look to the side or have their eyes hidden.
/// </param>
internal sealed record FacesView(int Width, int Height, IReadOnlyList<FaceView> Faces, FacesFoundBy FoundBy);

/// <summary>A face in a photo, in pixels of the upright photo.</summary>
/// <param name="Box">Left, top, right, bottom.</param>
/// <param name="Score">How sure the detector is, 0 … 1.</param>
/// <param name="Landmarks">Five points [x, y]: eyes, nose, corners of the mouth, as seen in the picture.</param>
internal sealed record FaceView(IReadOnlyList<double> Box, double Score, IReadOnlyList<IReadOnlyList<double>> Landmarks);

/// <summary>What is refused.</summary>
/// <param name="MaxBytes">The largest upload.</param>
/// <param name="MaxPixels">The most pixels of an upload.</param>
/// <param name="MaxOutputPixels">The most pixels of a result.</param>
internal sealed record LimitsView(long MaxBytes, long MaxPixels, long MaxOutputPixels);

/// <summary>An option as clients see it.</summary>
/// <param name="Name">The name of its field.</param>
/// <param name="Group">A stable name of the options that belong together.</param>
/// <param name="GroupTitle">Their heading in English.</param>
/// <param name="Type">number, integer, choice, boolean or text.</param>
/// <param name="Minimum">The smallest number that is allowed; null where there is no bound.</param>
/// <param name="Maximum">The largest number that is allowed; null where there is no bound.</param>
/// <param name="Default">The default, of the option's type; null where the model decides.</param>
/// <param name="Choices">The words that are allowed; null where there are others.</param>
/// <param name="Help">What it does.</param>
/// <param name="AppliesTo">The values of other options with which it may be given; null where it always may.</param>
internal sealed record OptionView(
    string Name,
    string Group,
    string GroupTitle,
    string Type,
    double? Minimum,
    double? Maximum,
    JsonNode? Default,
    IReadOnlyList<string>? Choices,
    string Help,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? AppliesTo
);

/// <summary>A sample photo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Task">The task that suits it.</param>
/// <param name="Upscale">The enlargement that suits it.</param>
internal sealed record SampleView(string Name, string Title, string Url, int Width, int Height, string? Task, double? Upscale);

/// <summary>Whether the server can do its work.</summary>
/// <param name="Status">alive, ready or not-ready.</param>
/// <param name="Problems">What is missing.</param>
internal sealed record HealthView(string Status, IReadOnlyList<string> Problems);
