using DiffBir.Degradation;
using DiffBir.Imaging;

namespace DiffBir.Training.Data;

/// <summary>Cuts crops out of the photos of collections.</summary>
/// <param name="originals">The folder with a folder for each collection.</param>
/// <param name="target">Where the crops go.</param>
/// <param name="say">Told about each photo that cannot be used.</param>
internal sealed class CropCutter(string originals, string target, Action<string> say)
{
    private const int Quality = 90; // as the pack mini was trained on; from 90 on colours keep their resolution

    /// <summary>Cuts crops; of collections that are not there, none.</summary>
    /// <param name="crops">The crops.</param>
    /// <param name="workers">Photos that are handled at the same time.</param>
    /// <param name="cancellation">Stops between two photos.</param>
    /// <returns>How many were cut, and how many could not be although their collection is there.</returns>
    public (int Cut, int Failed) Cut(IReadOnlyList<PhotoCrop> crops, int workers, CancellationToken cancellation)
    {
        var (cut, failed) = (0, 0);
        foreach (var collection in crops.GroupBy(crop => crop.Collection))
        {
            if (!Directory.Exists(Path.Combine(originals, collection.Key)))
            {
                say($"{collection.Key} is not there; {collection.Count()} crops are left out.");
                continue;
            }

            Parallel.ForEach(
                collection.GroupBy(crop => (crop.Original, crop.Offset, crop.Shrink)),
                new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation },
                photo =>
                {
                    var ofPhoto = photo.ToList();
                    var done = Cut(ofPhoto);
                    Interlocked.Add(ref cut, done);
                    Interlocked.Add(ref failed, ofPhoto.Count - done);
                }
            );
        }

        return (cut, failed);
    }

    private int Cut(List<PhotoCrop> crops)
    {
        try
        {
            var image = Shrunk(Read(crops[0]), crops[0].Shrink);
            foreach (var crop in crops)
            {
                Write(crop, Crops.Cut(image, crop.Top, crop.Left, crop.Height, crop.Width));
            }

            return crops.Count;
        }
        catch (Exception exception) when (exception is DiffBirException or IOException or UnauthorizedAccessException)
        {
            say($"{crops[0].Collection}: {exception.Message}");
            return 0;
        }
    }

    private Tensor Read(PhotoCrop crop)
    {
        var path = Path.Combine(originals, crop.Collection, crop.Original);
        if (crop.Offset == 0)
        {
            return PhotoReader.Read(path);
        }

        using var file = File.OpenRead(path);
        file.Position = crop.Offset;
        using var inside = new MemoryStream();
        file.CopyTo(inside);
        inside.Position = 0;
        using var photo = ImageFile.Read(inside, $"{path} at byte {crop.Offset}");
        return photo.Pixels.ToTensor();
    }

    private static Tensor Shrunk(Tensor image01, int factor) =>
        factor == 1 ? image01 : Resampling.ResizeAsPillow(image01, image01.Size(2) / factor, image01.Size(3) / factor);

    private void Write(PhotoCrop crop, Tensor image01)
    {
        var path = Path.Combine(target, crop.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var photo = Photo.Of(image01);
        ImageFile.Write(photo, path, new ImageEncoding(ImageFormat.Jpeg) { Quality = Quality, Rounding = Rounding.Nearest });
    }
}
