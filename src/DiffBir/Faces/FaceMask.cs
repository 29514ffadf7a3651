namespace DiffBir.Faces;

/// <summary>How much of a restored face is seen where, when it is put back into its picture.</summary>
internal static class FaceMask
{
    /// <summary>Pixels of the face's edge that are left out, because they are interpolated with what is outside.</summary>
    private const int Rim = 2;

    /// <summary>The blend's width as a share of the face's side: 1 / 20.</summary>
    private const int BlendShare = 20;

    /// <summary>Where all of a pixel is the face: 1 inside, 0 outside, and in between on the rim.</summary>
    /// <param name="toPicture">The map from the aligned face to the picture.</param>
    /// <param name="window">The part of the picture that holds the face.</param>
    /// <returns>[1,1,H,W] in [0,1], as large as the window.</returns>
    public static Tensor Inside(AffineTransform toPicture, ImageWindow window)
    {
        var whole = new Tensor(1, 1, FaceAlignment.Side, FaceAlignment.Side);
        whole.Span.Fill(1);
        var placed = window.Empty(1);
        AffineWarp.Apply(new ImageWindow(whole), toPicture, placed, onBytes: false, 0);
        return MaskFilters.Erode(placed.Values, Rim);
    }

    /// <summary>How much of the face is seen: its edge drawn inwards and blurred, as widely as the face is large.</summary>
    /// <param name="inside">[1,1,H,W], of <see cref="Inside"/>.</param>
    /// <returns>As large: 1 inside, falling to 0 about the face's edge.</returns>
    public static Tensor Soften(Tensor inside)
    {
        var area = 0.0;
        foreach (var value in inside.Span)
        {
            area += value;
        }

        var edge = (int)Math.Sqrt(area) / BlendShare;
        return MaskFilters.Blur(MaskFilters.Erode(inside, 2 * edge), (2 * edge) + 1);
    }
}
