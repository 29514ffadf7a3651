using DiffBir.Imaging;

namespace DiffBir.Training.Tests.Support;

/// <summary>Folders of small synthetic photos: smooth waves with an edge, different in each.</summary>
internal static class PhotoFolder
{
    /// <summary>Writes photos of a size into <c>train</c> and <c>val</c>.</summary>
    public static string Create(TemporaryFolder folder, int size, int training = 3, int validation = 1)
    {
        Write(Path.Combine(folder.Path, "photos", "train"), size, training, 0);
        Write(Path.Combine(folder.Path, "photos", "val"), size, validation, 100);
        return Path.Combine(folder.Path, "photos");
    }

    private static void Write(string path, int size, int count, int first)
    {
        Directory.CreateDirectory(path);
        for (var photo = 0; photo < count; photo++)
        {
            using var image = Photo.Of(Paint(size, first + photo));
            ImageFile.Write(image, Path.Combine(path, $"{photo}.png"), new ImageEncoding(ImageFormat.Png));
        }
    }

    private static Tensor Paint(int size, int photo)
    {
        var image = new Tensor(1, 3, size, size);
        for (var index = 0; index < image.Length; index++)
        {
            var (channel, pixel) = Math.DivRem(index, size * size);
            var (y, x) = Math.DivRem(pixel, size);
            var wave = Math.Sin(0.2 * x * (1 + (photo % 3))) * Math.Cos((0.15 * y) + channel);
            var edge = x + y > size + (photo % 5) ? 0.15 : -0.15;
            image.Data[index] = (float)(0.5 + (0.3 * wave) + edge);
        }

        return image;
    }
}
