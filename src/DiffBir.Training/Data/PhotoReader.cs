using DiffBir.Imaging;

namespace DiffBir.Training.Data;

/// <summary>Decodes photos.</summary>
internal static class PhotoReader
{
    /// <summary>Decodes a photo upright, in the colors of its file.</summary>
    /// <returns>[1, 3, H, W] in [0, 1].</returns>
    /// <exception cref="ImageException">The file cannot be decoded.</exception>
    public static Tensor Read(string path)
    {
        using var photo = ImageFile.Read(path);
        return photo.Pixels.ToTensor();
    }
}
