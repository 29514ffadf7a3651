using System.Buffers;
using DiffBir.Imaging;

namespace DiffBir.Degradation;

/// <summary>An RGB image between two steps: three planes in one rented array, given back on disposal.</summary>
/// <remarks>Training degrades hundreds of crops a second; rented arrays keep that from becoming garbage.</remarks>
internal sealed class RentedImage : PlanarImage
{
    public const int Channels = 3;

    private float[]? _data;

    /// <summary>Rents an image whose values are not yet defined.</summary>
    public RentedImage(int height, int width)
        : base(Channels, height, width) => _data = ArrayPool<float>.Shared.Rent(checked(Channels * height * width));

    /// <summary>All three planes, one after the other.</summary>
    public Span<float> All => _data.AsSpan(0, Channels * Height * Width);

    public Span<float> Plane(int channel) => _data.AsSpan(channel * Height * Width, Height * Width);

    public Span<float> Row(int channel, int y) => Plane(channel).Slice(y * Width, Width);

    /// <summary>Copies an image.</summary>
    /// <param name="image01">[1,3,H,W].</param>
    public static RentedImage From(Tensor image01)
    {
        image01.Validate("The image to degrade", 1, Channels, -1, -1);
        if (image01.Length == 0)
        {
            throw new ShapeException($"The image to degrade is empty: {Tensor.Format(image01.Shape)}.");
        }

        var image = new RentedImage(image01.Size(-2), image01.Size(-1));
        image01.Span.CopyTo(image.All);
        return image;
    }

    /// <summary>A copy as a tensor [1,3,H,W].</summary>
    public override Tensor ToTensor() => new(All.ToArray(), 1, Channels, Height, Width);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_data is not null)
        {
            ArrayPool<float>.Shared.Return(_data);
            _data = null;
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    private protected override void ReadAt(long position, Span<float> values) =>
        All.Slice((int)position, values.Length).CopyTo(values);

    /// <inheritdoc/>
    private protected override void WriteAt(long position, ReadOnlySpan<float> values) =>
        values.CopyTo(All.Slice((int)position, values.Length));
}
