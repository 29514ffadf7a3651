using DiffBir.Cli.Files;
using DiffBir.Imaging;

namespace DiffBir.Cli.Trials;

/// <summary>Keeps every picture of a trial: GROUP/METHOD/PHOTO.png.</summary>
/// <param name="folder">Where they go.</param>
/// <param name="photos">The trial's photos, of which none is replaced.</param>
internal sealed class TrialGallery(string folder, IReadOnlyList<InputFile> photos)
{
    /// <summary>The folder of the photos that were made bad, beside those of the methods.</summary>
    public const string BadPhotos = "lq";

    /// <summary>The folder of the good photos.</summary>
    public const string GoodPhotos = "clean";

    private static readonly ImageEncoding PngEncoding = new(ImageFormat.Png) { Rounding = Rounding.Nearest };

    private readonly KeptInputs _kept = new(photos);
    private readonly Dictionary<InputFile, string> _names = photos
        .Zip(new OutputNames(folder, _ => ImageFormat.Png).Of(photos), (photo, name) => (photo, name.Name))
        .DistinctBy(pair => pair.photo)
        .ToDictionary(pair => pair.photo, pair => pair.Name);

    /// <summary>What keeps the pictures of a photo: those of a group and a method.</summary>
    public Action<TrialGroup, string, Tensor> Of(InputFile photo) =>
        (group, method, image01) =>
        {
            var path = OutputFiles.PathInside(FolderOf(folder, group, method), _names[photo]);
            _kept.ValidateOther(path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var picture = Photo.Of(image01);
            ImageFile.Write(picture, path, PngEncoding);
        };

    /// <summary>The command line that measures the pictures of a group and a method and makes a page of them.</summary>
    /// <param name="folder">Where the pictures are.</param>
    /// <param name="group">How photos were made bad.</param>
    /// <param name="method">How they were restored.</param>
    /// <param name="about">The model and its settings, in words.</param>
    public static string ReportCommand(string folder, TrialGroup group, TrialMethod method, string about) =>
        $"diffbir eval \"{FolderOf(folder, group, method.Name)}\" --before \"{FolderOf(folder, group, BadPhotos)}\" "
        + $"--reference \"{FolderOf(folder, group, GoodPhotos)}\" --about \"{about}, {method.Name}\" --html page.html";

    private static string FolderOf(string folder, TrialGroup group, string method) =>
        Path.Combine(folder, group.Name.Replace(' ', '-'), method.Replace(' ', '-'));
}
