using System.Globalization;
using System.Text;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces.Cascades;

/// <summary>Cascades of one stump that find drawn patterns, and the patterns.</summary>
internal static class SyntheticCascades
{
    /// <summary>Finds what is bright on the left and dark on the right.</summary>
    public static string LeftIsBright { get; } = Stump(24, 1.0, "0 0 24 24 -1.", "0 0 12 24 2.");

    /// <summary>Finds a bright square with a dark frame.</summary>
    public static string Face { get; } = Stump(24, 0.6, "0 0 24 24 -1.", "3 2 18 20 1.6");

    /// <summary>Finds a dark square with a bright frame.</summary>
    public static string Eye { get; } = Stump(20, 1.2, "0 0 20 20 1.", "5 5 10 10 -4.");

    /// <summary>Writes the cascades of a face and of eyes under OpenCV's names.</summary>
    /// <returns>The file for faces.</returns>
    public static string Write(TemporaryFolder folder)
    {
        folder.Write("haarcascade_eye.xml", Encoding.UTF8.GetBytes(Eye));
        return folder.Write("haarcascade_frontalface_alt2.xml", Encoding.UTF8.GetBytes(Face));
    }

    /// <summary>A picture of 192x144, gray, with a drawn face: eyes at (84, 68) and (108, 68), 72 pixels wide.</summary>
    public static Tensor PictureOfFace()
    {
        var picture = new Tensor(1, 3, 144, 192);
        picture.Span.Fill(60 / 255f);
        Fill(picture, (69, 46, 54, 60), 200);
        Fill(picture, (81, 65, 6, 6), 20);
        Fill(picture, (105, 65, 6, 6), 20);
        return picture;
    }

    /// <summary>Fills a rectangle (column, row, columns, rows) with a value of 0 to 255.</summary>
    public static void Fill(Tensor picture, (int X, int Y, int Width, int Height) place, int value)
    {
        for (var plane = 0; plane < picture.Size(1); plane++)
        {
            for (var y = place.Y; y < place.Y + place.Height; y++)
            {
                picture
                    .Data.AsSpan((((plane * picture.Size(2)) + y) * picture.Size(3)) + place.X, place.Width)
                    .Fill(value / 255f);
            }
        }
    }

    private static string Stump(int side, double threshold, params string[] rectangles) =>
        $"""
            <?xml version="1.0"?>
            <opencv_storage><cascade type_id="opencv-cascade-classifier"><stageType>BOOST</stageType>
            <featureType>HAAR</featureType><height>{side}</height><width>{side}</width><stageNum>1</stageNum>
            <stages><_><stageThreshold>0.5</stageThreshold><weakClassifiers><_>
            <internalNodes>0 -1 0 {threshold.ToString(
                CultureInfo.InvariantCulture
            )}</internalNodes><leafValues>-1. 1.</leafValues>
            </_></weakClassifiers></_></stages>
            <features><_><rects>{string.Concat(rectangles.Select(r => $"<_>{r}</_>"))}</rects></_></features>
            </cascade></opencv_storage>
            """;
}
