using DiffBir.Faces.Cascades;
using DiffBir.Options;
using DiffBir.Packs;

namespace DiffBir.Restoration;

/// <summary>What finds faces on this machine: the networks of <see cref="FaceFiles"/>, or OpenCV's cascades where those are missing.</summary>
/// <param name="Networks">Where the networks' files are.</param>
/// <param name="Cascades">The cascades, where they are used.</param>
internal sealed record FaceDetectorChoice(PackFiles Networks, CascadeFiles? Cascades)
{
    /// <summary>Who finds the faces.</summary>
    public FacesFoundBy FoundBy => Cascades is null ? FacesFoundBy.Network : FacesFoundBy.Cascades;

    /// <summary>What is said before faces are searched.</summary>
    public string Notice =>
        Cascades is { } files
            ? Printable.Line(
                $"Faces are found with OpenCV's cascade {files.Face}: it misses those that lean, look to the side or have their eyes hidden; the networks find them (diffbir models pull {FaceFiles.Name})."
            )
            : $"Faces are found with the network {FaceFiles.Pack.Files[FaceFiles.Detector].Name}.";

    /// <summary>Chooses.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="weightsFolders">Where files may be, besides the system's folders of cascades.</param>
    /// <exception cref="PackException">Neither is here.</exception>
    /// <exception cref="OptionException">The cascade that is asked for is not there.</exception>
    public static FaceDetectorChoice Of(FaceOptions options, IReadOnlyList<string> weightsFolders)
    {
        var networks = new PackFiles(FaceFiles.Pack, weightsFolders);
        if (options.StrictOriginal || (options.Cascade is null && FaceFiles.AreIn(networks)))
        {
            FaceFiles.Validate(networks);
            return new(networks, null);
        }

        if (Files(options.Cascade, weightsFolders) is { } cascades)
        {
            return new(networks, cascades);
        }

        FaceFiles.Validate(networks);
        return new(networks, null);
    }

    /// <summary>Reads cascades, so that wrong ones are told before the work.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A file cannot be read or holds something else.</exception>
    public void Validate()
    {
        if (Cascades is { } files)
        {
            new CascadeFaceDetector(files).Load();
        }
    }

    /// <summary>Throws where a cascade is asked for that is not there.</summary>
    /// <param name="cascade">As <see cref="FaceOptions.Cascade"/> names it.</param>
    /// <exception cref="OptionException">It is not there.</exception>
    public static void ValidateFile(string? cascade) => _ = Files(cascade, []);

    /// <summary>Whether faces can be found here.</summary>
    public static bool IsPossible(FaceOptions options, IReadOnlyList<string> weightsFolders) =>
        FaceFiles.AreIn(new PackFiles(FaceFiles.Pack, weightsFolders)) || Files(options.Cascade, weightsFolders) is not null;

    private static CascadeFiles? Files(string? asked, IReadOnlyList<string> weightsFolders) =>
        asked switch
        {
            FaceOptions.NoCascade => null,
            null => CascadeFiles.In([.. weightsFolders, .. CascadeFiles.SystemFolders]),
            _ when File.Exists(asked) && CascadeFiles.Of(asked) is { } files => files,
            _ => throw new OptionException(
                $"The cascade {asked} is missing, or has none for eyes beside it ({string.Join(" or ", CascadeFiles.EyeNames)}). Name a cascade for frontal faces of OpenCV, such as haarcascade_frontalface_alt2.xml, in the folder with the others (--face-cascade).",
                FaceOptions.CascadeOption
            ),
        };
}

/// <summary>Who found the faces of a photo.</summary>
internal enum FacesFoundBy
{
    /// <summary>The network of <see cref="FaceFiles"/>.</summary>
    Network,

    /// <summary>OpenCV's cascades.</summary>
    Cascades,

    /// <summary>The user, who marked them.</summary>
    User,
}
