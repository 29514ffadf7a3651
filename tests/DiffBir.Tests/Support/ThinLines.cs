namespace DiffBir.Tests.Support;

/// <summary>
/// A chart of thin straight lines at many angles. Enlarged badly, a line becomes a string of beads: what no mean over a photo shows, and
/// every eye sees.
/// </summary>
/// <param name="ground">The level of the ground, in [0,1].</param>
/// <param name="line">The level of the lines, in [0,1].</param>
internal sealed class ThinLines(float ground, float line)
{
    private const int Side = 512; // pixels
    private const int Cells = 4; // a row: each cell has one line
    private const int CellSide = Side / Cells;
    private const int HalfLength = 48; // pixels
    private const int HalfMeasured = 40; // pixels: what ends do is not looked at
    private const int Subpixels = 4; // a pixel's side, where a line's edge goes through it

    private static readonly double[] Widths = [2, 3, 4, 3]; // pixels
    private static readonly double[] Angles = [8, 17, 27, 36, 45, 52, 61, 70, 79, 98, 112, 124, 135, 146, 157, 168]; // degrees

    /// <summary>The chart made smaller by the mean of each square of pixels.</summary>
    /// <returns>[1,3,512/factor,512/factor] in [0,1].</returns>
    public Tensor Smaller(int factor)
    {
        var side = Side / factor;
        var samples = factor * Subpixels;
        var plane = new float[side * side];
        for (var pixel = 0; pixel < plane.Length; pixel++)
        {
            var (y, x) = Math.DivRem(pixel, side);
            var hits = Enumerable
                .Range(0, samples * samples)
                .Count(sample =>
                    IsOnLine(
                        (x * factor) + (((sample % samples) + 0.5) / Subpixels),
                        (y * factor) + (((sample / samples) + 0.5) / Subpixels)
                    )
                );
            plane[pixel] = ground + ((line - ground) * hits / (samples * samples));
        }

        return new Tensor([.. plane, .. plane, .. plane], 1, 3, side, side);
    }

    /// <summary>How an image shows the lines.</summary>
    /// <param name="image01">[1,3,512,512] in [0,1].</param>
    /// <returns>
    /// Both as shares of the contrast that the lines were drawn with, means over all lines: the contrast, and the standard deviation along
    /// a line's middle.
    /// </returns>
    public (double Contrast, double Ripple) Measure(Tensor image01)
    {
        var (contrast, ripple) = (0.0, 0.0);
        for (var cell = 0; cell < Angles.Length; cell++)
        {
            var levels = Along(image01, cell);
            var mean = levels.Average();
            contrast += (mean - ground) / (line - ground) / Angles.Length;
            ripple +=
                Math.Sqrt(levels.Average(level => (level - mean) * (level - mean))) / Math.Abs(line - ground) / Angles.Length;
        }

        return (contrast, ripple);
    }

    private static List<double> Along(Tensor image01, int cell)
    {
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(Angles[cell]));
        var (x, y) = Middle(cell);
        return
        [
            .. Enumerable
                .Range(-2 * HalfMeasured, 4 * HalfMeasured)
                .Select(half => Interpolated(image01, x + (half * cos / 2), y + (half * sin / 2))),
        ];
    }

    private static bool IsOnLine(double x, double y)
    {
        var cell = ((int)y / CellSide * Cells) + ((int)x / CellSide);
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(Angles[cell]));
        var (middleX, middleY) = Middle(cell);
        var along = ((x - middleX) * cos) + ((y - middleY) * sin);
        var across = ((y - middleY) * cos) - ((x - middleX) * sin);
        return Math.Abs(along) < HalfLength && Math.Abs(across) < Widths[cell % Cells] / 2;
    }

    private static (double X, double Y) Middle(int cell) =>
        (((cell % Cells) + 0.5) * CellSide, ((cell / Cells) + 0.5) * CellSide);

    /// <summary>The green level at a place between pixels, whose middles are at halves.</summary>
    private static double Interpolated(Tensor image01, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x - 0.5), (int)Math.Floor(y - 0.5));
        var (right, bottom) = (x - 0.5 - left, y - 0.5 - top);
        return ((1 - bottom) * Row(top)) + (bottom * Row(top + 1));

        double Row(int row)
        {
            var green = image01.Span.Slice(((Side + row) * Side) + left, 2);
            return ((1 - right) * green[0]) + (right * green[1]);
        }
    }
}
