namespace DiffBir.Faces.Cascades;

/// <summary>OpenCV's cascades on this machine.</summary>
/// <param name="Face">The file of the cascade for frontal faces.</param>
/// <param name="Eyes">The files of those for eyes, at least one, the best first.</param>
internal sealed record CascadeFiles(string Face, IReadOnlyList<string> Eyes)
{
    /// <summary>Cascades for frontal faces, that which takes least else for a face first.</summary>
    private static readonly string[] FaceFileNames =
    [
        "haarcascade_frontalface_alt2.xml",
        "haarcascade_frontalface_alt.xml",
        "haarcascade_frontalface_default.xml",
    ];

    /// <summary>Cascades for eyes, the best first.</summary>
    public static IReadOnlyList<string> EyeNames { get; } = ["haarcascade_eye_tree_eyeglasses.xml", "haarcascade_eye.xml"];

    /// <summary>Where packages of systems have them.</summary>
    public static IReadOnlyList<string> SystemFolders { get; } =
    [
        "/usr/share/opencv4/haarcascades", // Debian's and Ubuntu's opencv-data, Fedora's and Arch's opencv
        "/usr/local/share/opencv4/haarcascades",
        "/opt/homebrew/share/opencv4/haarcascades",
        "/usr/share/opencv/haarcascades",
    ];

    /// <summary>All files.</summary>
    public IEnumerable<string> All => [Face, .. Eyes];

    /// <summary>Whether they are the same files.</summary>
    public bool Equals(CascadeFiles? other) => other is not null && All.SequenceEqual(other.All, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Face.GetHashCode(StringComparison.Ordinal);

    /// <summary>The cascades of the first folder that has one for faces and one for eyes; null where none has.</summary>
    public static CascadeFiles? In(IEnumerable<string> folders) =>
        folders
            .Select(folder => Files(folder, FaceFileNames) is [var face, ..] ? Of(face) : null)
            .FirstOrDefault(files => files is not null);

    /// <summary>A cascade for frontal faces and those for eyes beside it; null where there is none for eyes.</summary>
    public static CascadeFiles? Of(string face) =>
        Files(Path.GetDirectoryName(Path.GetFullPath(face))!, EyeNames) is { Count: > 0 } eyes ? new(face, eyes) : null;

    private static List<string> Files(string folder, IReadOnlyList<string> names) =>
        [.. names.Select(name => Path.Combine(folder, name)).Where(File.Exists)];
}
