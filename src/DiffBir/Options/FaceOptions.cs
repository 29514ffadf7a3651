using DiffBir.Packs;

namespace DiffBir.Options;

/// <summary>How faces in a whole photo are restored: each by itself, then put into the restored background.</summary>
public sealed record FaceOptions
{
    /// <summary>The option that names a cascade.</summary>
    internal const string CascadeOption = "face-cascade";

    /// <summary>What stands for no cascade.</summary>
    internal const string NoCascade = "off";

    /// <summary>Whether faces are found and restored by themselves (<see cref="PhotoRestorer"/>).</summary>
    [Option(
        "faces",
        OptionGroup.Faces,
        $"Find the faces of each photo and restore them by themselves. Needs files: diffbir models pull {FaceFiles.Name}, or the package opencv-data."
    )]
    public bool Restore { get; init; }

    /// <summary>
    /// The file of OpenCV's cascade for frontal faces, with those for eyes beside it, by which faces are found; null: the networks, or
    /// the system's cascades where their files are missing; <c>off</c>: no cascade. A matter of the machine: servers take none from requests.
    /// </summary>
    [Option(
        CascadeOption,
        OptionGroup.Faces,
        "OpenCV's cascade that finds faces, such as haarcascade_frontalface_alt2.xml, with those for eyes beside it; off: none.",
        Otherwise = "the system's, where the networks' files are missing"
    )]
    public string? Cascade { get; init; }

    /// <summary>How what is around the faces is restored; null: by the task.</summary>
    [Option(
        "background",
        OptionGroup.Faces,
        "How what is around the faces is restored: sr, denoise, or none (only resized).",
        Otherwise = "the task"
    )]
    public FaceBackground? Background { get; init; }

    /// <summary>Whether all faces but the largest are left to the background.</summary>
    [Option("only-largest-face", OptionGroup.Faces, "Leave all faces but the largest to the background.")]
    public bool OnlyLargest { get; init; }

    /// <summary>The smallest distance between the eyes, in pixels of the photo; smaller faces are left to the background.</summary>
    [Option("min-face", OptionGroup.Faces, "Faces with fewer pixels of the photo between the eyes are left to the background.")]
    [AllowedRange(1, 10_000)]
    public double MinEyeDistance { get; init; } = 5;

    /// <summary>
    /// Whether whole photos with faces are restored as by the original, slips and all: red and blue change places where faces are found,
    /// pasted ones get a dark rim, one generator serves all faces, and results have 512 pixels on their shorter side at least.
    /// </summary>
    [Option(
        "strict-original",
        OptionGroup.Faces,
        "Restore faces as the original does, slips and all: colors swapped where they are found, a dark rim, sides of 512 at least."
    )]
    public bool StrictOriginal { get; init; }

    /// <summary>The background's task; null: it is only resized.</summary>
    /// <param name="task">The task that is asked for.</param>
    /// <exception cref="OptionException">The task is for faces that fill the picture.</exception>
    internal RestorationTask? BackgroundTask(RestorationTask task) =>
        Background switch
        {
            FaceBackground.Sr => RestorationTask.Sr,
            FaceBackground.Denoise => RestorationTask.Denoise,
            FaceBackground.None => null,
            null when task == RestorationTask.Face => throw new OptionException(
                "The task face is for a picture that is one aligned face; around faces in a photo there is a background, which needs another: sr, denoise or none (--background).",
                "background"
            ),
            _ => task,
        };
}

/// <summary>How what is around faces is restored.</summary>
public enum FaceBackground
{
    /// <summary>By the task <see cref="RestorationTask.Sr"/>.</summary>
    Sr,

    /// <summary>By the task <see cref="RestorationTask.Denoise"/>.</summary>
    Denoise,

    /// <summary>Not at all: it is only resized.</summary>
    None,
}
