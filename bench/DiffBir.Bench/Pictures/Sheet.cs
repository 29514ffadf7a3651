using NetVips;

namespace DiffBir.Bench.Pictures;

/// <summary>Rows of pictures in one file, to look at.</summary>
internal static class Sheet
{
    private const int Gap = 2; // pixels between pictures

    /// <summary>Writes rows of equally many pictures, each [1,3,H,W] in [0,1].</summary>
    public static void Write(IReadOnlyList<IReadOnlyList<Tensor>> rows, string path)
    {
        var images = rows.SelectMany(row => row).Select(VipsPixels.Of).ToArray();
        using var sheet = Image.Arrayjoin(images, across: rows[0].Count, shim: Gap, background: [255.0]);
        sheet.WriteToFile(path);
        foreach (var image in images)
        {
            image.Dispose();
        }
    }
}
