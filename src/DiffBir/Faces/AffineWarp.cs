namespace DiffBir.Faces;

/// <summary>
/// Maps pictures by affine maps, linearly interpolated, as OpenCV's <c>warpAffine</c> does: positions are rounded to 1/32 pixel in
/// fixed point, and in 8 bits results are equal bit for bit.
/// </summary>
internal static class AffineWarp
{
    private const int PositionBits = 10;
    private const int FractionBits = 5;
    private const int Fractions = 1 << FractionBits;
    private const long HalfFraction = 1L << (PositionBits - FractionBits - 1);

    /// <summary>Positions beyond are outside of any picture; sums of two stay in range.</summary>
    private const double MaxPosition = 1L << 50;

    /// <summary>Fills a window of the mapped picture.</summary>
    /// <param name="source">The part of the picture that is needed.</param>
    /// <param name="transform">The map, from the picture to the mapped one.</param>
    /// <param name="destination">The window to fill; it has as many planes.</param>
    /// <param name="onBytes">Whether values, in [0,1], are rounded to 255ths.</param>
    /// <param name="border">The value of each plane outside the source; none: that of its nearest pixel.</param>
    public static void Apply(
        ImageWindow source,
        AffineTransform transform,
        ImageWindow destination,
        bool onBytes = false,
        params ReadOnlySpan<float> border
    )
    {
        var back = transform.Inverse();
        for (var y = 0; y < destination.Height; y++)
        {
            double row = destination.Top + y;
            var (x0, y0) = (Position((back.XY * row) + back.X0), Position((back.YY * row) + back.Y0));
            for (var x = 0; x < destination.Width; x++)
            {
                double column = destination.Left + x;
                var sourceX = (x0 + HalfFraction + Position(back.XX * column)) >> (PositionBits - FractionBits);
                var sourceY = (y0 + HalfFraction + Position(back.YX * column)) >> (PositionBits - FractionBits);
                var taps = new Taps(source, sourceX, sourceY);
                for (var plane = 0; plane < source.Planes; plane++)
                {
                    var at = (((plane * destination.Height) + y) * destination.Width) + x;
                    destination.Values.Data[at] = taps.Value(
                        source.Values.Data,
                        plane,
                        border.IsEmpty ? null : border[plane],
                        onBytes
                    );
                }
            }
        }
    }

    private static long Position(double value) =>
        (long)Math.Round(Math.Clamp(value * (1 << PositionBits), -MaxPosition, MaxPosition), MidpointRounding.ToEven);

    /// <summary>The four neighbors of a place and their weights.</summary>
    private readonly ref struct Taps
    {
        private readonly int _planeLength;
        private readonly int _topLeft;
        private readonly int _right;
        private readonly int _bottom;
        private readonly bool _hasLeft;
        private readonly bool _hasRight;
        private readonly bool _hasTop;
        private readonly bool _hasBottom;
        private readonly float _fractionX;
        private readonly float _fractionY;

        /// <summary>Finds the neighbors.</summary>
        /// <param name="source">The picture's part.</param>
        /// <param name="x">The place in the picture, in 1/32 pixel.</param>
        /// <param name="y">The place in the picture, in 1/32 pixel.</param>
        public Taps(ImageWindow source, long x, long y)
        {
            var (column, row) = ((x >> FractionBits) - source.Left, (y >> FractionBits) - source.Top);
            (_hasLeft, _hasRight) = (IsIn(column, source.Width), IsIn(column + 1, source.Width));
            (_hasTop, _hasBottom) = (IsIn(row, source.Height), IsIn(row + 1, source.Height));
            _planeLength = source.Width * source.Height;
            var (left, top) = (Nearest(column, source.Width), Nearest(row, source.Height));
            _topLeft = (top * source.Width) + left;
            _right = Nearest(column + 1, source.Width) - left;
            _bottom = (Nearest(row + 1, source.Height) - top) * source.Width;
            (_fractionX, _fractionY) = (x & (Fractions - 1), y & (Fractions - 1));
        }

        /// <summary>The interpolated value of a plane.</summary>
        /// <param name="values">The source's values.</param>
        /// <param name="plane">Which plane.</param>
        /// <param name="outside">The value outside the source; null: that of its nearest pixel.</param>
        /// <param name="onBytes">Whether it is rounded to 255ths.</param>
        public float Value(float[] values, int plane, float? outside, bool onBytes)
        {
            var at = (plane * _planeLength) + _topLeft;
            var topLeft = outside is { } a && !(_hasTop && _hasLeft) ? a : values[at];
            var topRight = outside is { } b && !(_hasTop && _hasRight) ? b : values[at + _right];
            var bottomLeft = outside is { } c && !(_hasBottom && _hasLeft) ? c : values[at + _bottom];
            var bottomRight = outside is { } d && !(_hasBottom && _hasRight) ? d : values[at + _bottom + _right];
            var (fx, fy) = (_fractionX, _fractionY);
            // In 255ths whole numbers are exact, and with them the sum.
            var unit = onBytes ? 255f : 1f;
            var sum =
                ((Fractions - fx) * (Fractions - fy) * (topLeft * unit))
                + (fx * (Fractions - fy) * (topRight * unit))
                + ((Fractions - fx) * fy * (bottomLeft * unit))
                + (fx * fy * (bottomRight * unit));
            var mean = sum / (Fractions * Fractions);
            return onBytes ? MathF.Floor(mean + 0.5f) / 255f : mean;
        }

        private static bool IsIn(long index, int length) => index >= 0 && index < length;

        private static int Nearest(long index, int length) => (int)Math.Clamp(index, 0, length - 1);
    }
}
