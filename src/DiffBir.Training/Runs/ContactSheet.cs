using NetVips;

namespace DiffBir.Training.Runs;

/// <summary>Rows of pictures as one PNG.</summary>
/// <param name="Png">The file's bytes.</param>
/// <param name="Height">Its height.</param>
/// <param name="Width">Its width.</param>
internal sealed record ContactSheet(byte[] Png, int Height, int Width)
{
    private const int Channels = 3;

    /// <summary>Lays out rows of equally many pictures of one size, each [1, 3, H, W] in [0, 1].</summary>
    public static ContactSheet Of(IReadOnlyList<IReadOnlyList<Tensor>> rows)
    {
        var first = rows[0][0];
        var (height, width) = (first.Size(2), first.Size(3));
        var (sheetHeight, sheetWidth) = (rows.Count * height, rows[0].Count * width);
        var pixels = new byte[sheetHeight * sheetWidth * Channels];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                var start = ((row * height * sheetWidth) + (column * width)) * Channels;
                Place(rows[row][column], pixels.AsSpan(start), sheetWidth);
            }
        }

        using var image = Image.NewFromMemory(pixels, sheetWidth, sheetHeight, Channels, Enums.BandFormat.Uchar);
        using var color = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return new ContactSheet(color.PngsaveBuffer(), sheetHeight, sheetWidth);
    }

    private static void Place(Tensor image01, Span<byte> pixels, int sheetWidth)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        for (var index = 0; index < image01.Length; index++)
        {
            var (channel, pixel) = Math.DivRem(index, height * width);
            var (y, x) = Math.DivRem(pixel, width);
            pixels[(((y * sheetWidth) + x) * Channels) + channel] = (byte)
                MathF.Round(Math.Clamp(image01.Data[index], 0, 1) * 255);
        }
    }
}
