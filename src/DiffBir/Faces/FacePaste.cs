using DiffBir.Imaging;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Faces;

/// <summary>Puts restored faces back into their picture.</summary>
/// <param name="OnBytes">Whether a face's values are rounded to 255ths, as for pictures of 8 bits.</param>
internal sealed record FacePaste(bool OnBytes)
{
    private const int BandHeight = 64;

    /// <summary>
    /// Whether the face gets dark towards its edge, as in the original: there it is interpolated with black and multiplied by the rim of
    /// its mask before it is blended.
    /// </summary>
    public bool DarkensRim { get; init; }

    /// <summary>Says what of an aligned face is seen: [1,3,512,512] to [1,1,512,512]; null: all of it.</summary>
    public Func<Tensor, Tensor>? MaskOf { get; init; }

    /// <summary>Blends a face into a picture.</summary>
    /// <param name="face">[1,3,512,512] in [0,1].</param>
    /// <param name="toPicture">The map from the aligned face to the picture.</param>
    /// <param name="picture">Three planes in [0,1]; only the face's part changes.</param>
    /// <returns>The mask: how much of the face is seen where, in the picture's part; null where the face lies outside the picture.</returns>
    public ImageWindow? Into(Tensor face, AffineTransform toPicture, PlanarImage picture)
    {
        if (
            ImageWindow.BoundsIn(picture, toPicture, FaceAlignment.Side, FaceAlignment.Side) is not var (top, left, height, width)
        )
        {
            return null;
        }

        var mask = new ImageWindow(new Tensor(1, 1, height, width), left, top);
        var inside = FaceMask.Inside(toPicture, mask);
        mask = mask with { Values = FaceMask.Soften(inside) };
        if (MaskOf?.Invoke(face) is { } seen)
        {
            var placed = mask.Empty(1);
            AffineWarp.Apply(new ImageWindow(seen), toPicture, placed, onBytes: false, 0);
            TensorPrimitives.Min(mask.Values.Span, placed.Values.Span, mask.Values.Span);
        }

        for (var row = 0; row < height; row += BandHeight)
        {
            var rows = Math.Min(BandHeight, height - row);
            var band = new ImageWindow(picture.ReadBox(top + row, left, rows, width), left, top + row);
            var placed = Place(face, toPicture, band);
            if (DarkensRim)
            {
                Multiply(placed.Values, inside.Data.AsSpan(row * width, rows * width));
            }

            Blend(placed.Values, mask.Values.Data.AsSpan(row * width, rows * width), band.Values);
            picture.WriteBox(band.Top, left, band.Values);
        }

        return mask;
    }

    private ImageWindow Place(Tensor face, AffineTransform toPicture, ImageWindow band)
    {
        var placed = band.Empty(band.Planes);
        // Differs from the reference unless asked: outside the face its edge goes on, not black (docs/quirks.md#faces-have-a-dark-rim).
        AffineWarp.Apply(new ImageWindow(face), toPicture, placed, OnBytes, DarkensRim ? [0, 0, 0] : []);
        return placed;
    }

    private static void Multiply(Tensor planes, ReadOnlySpan<float> factors)
    {
        for (var i = 0; i < planes.Length; i++)
        {
            planes.Data[i] *= factors[i % factors.Length];
        }
    }

    private static void Blend(Tensor over, ReadOnlySpan<float> weights, Tensor under)
    {
        for (var i = 0; i < under.Length; i++)
        {
            double weight = weights[i % weights.Length];
            under.Data[i] = (float)((weight * over.Data[i]) + ((1 - weight) * under.Data[i]));
        }
    }
}
