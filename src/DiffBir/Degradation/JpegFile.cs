using System.Buffers;
using DiffBir.Imaging;
using NetVips;

namespace DiffBir.Degradation;

/// <summary>The loss of a real JPEG file: rounds to 8 bits, encodes with halved chroma, decodes.</summary>
internal static class JpegFile
{
    /// <summary>Compresses and decompresses.</summary>
    /// <param name="image01">The image, in [0,1]; clamped first.</param>
    /// <param name="quality">1 to 100.</param>
    /// <returns>A new image of the same size; every value is k / 255.</returns>
    public static RentedImage Apply(RentedImage image01, int quality)
    {
        LibVips.EnsureReady();
        var length = image01.All.Length;
        var interleaved = ArrayPool<byte>.Shared.Rent(length);
        for (var channel = 0; channel < RentedImage.Channels; channel++)
        {
            var target = channel;
            foreach (var value in image01.Plane(channel))
            {
                // Halves go to the even neighbor, as OpenCV's saturate_cast rounds them.
                interleaved[target] = (byte)MathF.Round(Math.Clamp(value, 0, 1) * 255);
                target += RentedImage.Channels;
            }
        }

        var decoded = RoundTrip(interleaved.AsSpan(0, length), image01, quality);
        ArrayPool<byte>.Shared.Return(interleaved);
        var result = new RentedImage(image01.Height, image01.Width);
        for (var channel = 0; channel < RentedImage.Channels; channel++)
        {
            var source = channel;
            foreach (ref var value in result.Plane(channel))
            {
                value = decoded[source] / 255f;
                source += RentedImage.Channels;
            }
        }

        return result;
    }

    private static byte[] RoundTrip(Span<byte> interleaved, RentedImage size, int quality)
    {
        using var image = Image.NewFromMemoryCopy<byte>(
            interleaved,
            size.Width,
            size.Height,
            RentedImage.Channels,
            Enums.BandFormat.Uchar
        );
        var file = image.JpegsaveBuffer(q: quality, subsampleMode: Enums.ForeignSubsample.On);
        using var decoded = Image.JpegloadBuffer(file);
        return decoded.WriteToMemory<byte>();
    }
}
