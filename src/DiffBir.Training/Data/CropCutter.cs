using DiffBir.Degradation;
using DiffBir.Imaging;

namespace DiffBir.Training.Data;

/// <summary>Cuts crops out of the photos of collections.</summary>
/// <param name="originals">The folder with a folder for each collection.</param>
/// <param name="target">Where the crops go.</param>
/// <param name="say">Told about each photo that cannot be used.</param>
/// <param name="tile">The side of the squares that whole photos are cut into, in pixels; null for the crops of the list alone.</param>
internal sealed class CropCutter(string originals, string target, Action<string> say, int? tile = null)
{
    private const int Quality = 90; // as the first pack mini was trained on; from 90 on colors keep their resolution
    private const int TileQuality = 95;

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
            foreach (var crop in tile is { } side ? Tiles(crops, image, side) : crops)
            {
                Write(crop, Framing.Crop(image, new(crop.Top, crop.Left, crop.Height, crop.Width)));
            }

            return crops.Count;
        }
        catch (Exception exception) when (exception is DiffBirException or IOException or UnauthorizedAccessException)
        {
            say($"{crops[0].Collection}: {exception.Message}");
            return 0;
        }
    }

    /// <summary>A grid over the whole photo, from its middle; a photo that is smaller than a tile is one tile.</summary>
    /// <param name="crops">The crops that the list names; where one of them validates, all tiles do.</param>
    /// <param name="image">[1,3,H,W].</param>
    /// <param name="side">The tiles' side.</param>
    private static IEnumerable<PhotoCrop> Tiles(List<PhotoCrop> crops, Tensor image, int side)
    {
        var named = crops.Find(crop => crop.Name.StartsWith("val/", StringComparison.Ordinal)) ?? crops[0];
        var stem = named.Name[..named.Name.LastIndexOf('_')];
        var (height, width) = (image.Size(2), image.Size(3));
        var (rows, columns) = (Math.Max(1, height / side), Math.Max(1, width / side));
        var (tall, wide) = (Math.Min(side, height), Math.Min(side, width));
        var (top, left) = ((height - (rows * tall)) / 2, (width - (columns * wide)) / 2);
        return from row in Enumerable.Range(0, rows)
            from column in Enumerable.Range(0, columns)
            select named with
            {
                Name = $"{stem}_{row}-{column}.jpg",
                Top = top + (row * tall),
                Left = left + (column * wide),
                Height = tall,
                Width = wide,
            };
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
        ImageFile.Write(
            photo,
            path,
            new ImageEncoding(ImageFormat.Jpeg) { Quality = tile is null ? Quality : TileQuality, Rounding = Rounding.Nearest }
        );
    }
}
