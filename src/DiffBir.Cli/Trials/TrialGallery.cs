using DiffBir.Cli.Files;
using DiffBir.Imaging;

namespace DiffBir.Cli.Trials;

/// <summary>Keeps every picture of a trial: GROUP/METHOD/PHOTO.png.</summary>
/// <param name="folder">Where they go.</param>
/// <param name="photos">The trial's photos, of which none is replaced.</param>
internal sealed class TrialGallery(string folder, IReadOnlyList<InputFile> photos)
{
    private static readonly ImageEncoding s_png = new(ImageFormat.Png) { Rounding = Rounding.Nearest };

    private readonly KeptInputs _kept = new(photos);
    private readonly Dictionary<InputFile, string> _names = photos
        .Zip(new OutputNames(folder, _ => ImageFormat.Png).Of(photos), (photo, name) => (photo, name.Name))
        .DistinctBy(pair => pair.photo)
        .ToDictionary(pair => pair.photo, pair => pair.Name);

    /// <summary>What keeps the pictures of a photo: those of a group and a method.</summary>
    public Action<TrialGroup, string, Tensor> Of(InputFile photo) =>
        (group, method, image01) =>
        {
            var kind = Path.Combine(folder, group.Name.Replace(' ', '-'), method.Replace(' ', '-'));
            var path = OutputFiles.PathInside(kind, _names[photo]);
            _kept.ValidateOther(path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var picture = Photo.Of(image01);
            ImageFile.Write(picture, path, s_png);
        };
}
