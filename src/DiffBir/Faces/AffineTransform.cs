namespace DiffBir.Faces;

/// <summary>An affine map of the plane: x' = XX·x + XY·y + X0, y' = YX·x + YY·y + Y0.</summary>
internal readonly record struct AffineTransform(double XX, double XY, double X0, double YX, double YY, double Y0)
{
    /// <summary>A similarity without mirroring: turns and scales by the complex number a + bi, then shifts.</summary>
    public static AffineTransform Similarity(double a, double b, double x0, double y0) => new(a, -b, x0, b, a, y0);

    /// <summary>How much longer lengths become, for a similarity.</summary>
    public double Scale => double.Hypot(XX, YX);

    /// <summary>Whether all numbers are finite, and the map can be undone.</summary>
    public bool IsInvertible => double.IsFinite(XX + XY + X0 + YX + YY + Y0) && double.IsFinite(1 / ((XX * YY) - (XY * YX)));

    /// <summary>The map that undoes this one, in OpenCV's order of operations, which decides the last bit.</summary>
    public AffineTransform Inverse()
    {
        var inverse = 1 / ((XX * YY) - (XY * YX));
        var (xx, xy, yx, yy) = (YY * inverse, XY * -inverse, YX * -inverse, XX * inverse);
        return new(xx, xy, (-xx * X0) - (xy * Y0), yx, yy, (-yx * X0) - (yy * Y0));
    }

    /// <summary>Where a point goes.</summary>
    public FacePoint Map(FacePoint point) => new((XX * point.X) + (XY * point.Y) + X0, (YX * point.X) + (YY * point.Y) + Y0);
}
