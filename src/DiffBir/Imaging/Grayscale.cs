using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Imaging;

/// <summary>Pictures without color: found, and kept so.</summary>
internal static class Grayscale
{
    /// <summary>
    /// The most that planes of a gray picture differ: one step of 8 bits, which decoders that go through Y'CbCr leave (WebP's makes
    /// green one step darker in 1 of 64 pixels of a file whose chroma is all neutral).
    /// </summary>
    private const float Tolerance = 1.001f / 255;

    // ITU-R BT.601, as JPEG's Y; green has the rest
    private const float Red = 0.299f;
    private const float Blue = 0.114f;

    private const int StripValues = 1 << 18;

    /// <summary>Whether a picture has no color: its three planes are equal everywhere, up to one step of 8 bits.</summary>
    /// <param name="image01">Three planes in [0,1].</param>
    public static bool IsGray(PlanarImage image01)
    {
        var strip = new RgbStrip(image01);
        for (var top = 0; top < image01.Height; top += strip.MaxRows)
        {
            strip.Read(image01, top);
            if (strip.MaxDifference() > Tolerance)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the color out of a picture, in place: all three planes become its luma.</summary>
    /// <param name="image">Three planes, any range.</param>
    public static void RemoveColor(PlanarImage image)
    {
        var strip = new RgbStrip(image);
        for (var top = 0; top < image.Height; top += strip.MaxRows)
        {
            strip.Read(image, top);
            var luma = strip.Luma();
            for (var plane = 0; plane < image.Planes; plane++)
            {
                image.Write(plane, top, 0, luma);
            }
        }
    }

    // Counted from green, so that equal values stay exactly what they are.
    private static void Mix(ReadOnlySpan<float> red, ReadOnlySpan<float> green, ReadOnlySpan<float> blue, Span<float> luma)
    {
        for (var index = 0; index < luma.Length; index++)
        {
            var level = green[index];
            luma[index] = level + (Red * (red[index] - level)) + (Blue * (blue[index] - level));
        }
    }

    /// <summary>A few rows of the three planes.</summary>
    private sealed class RgbStrip
    {
        private readonly float[][] _planes;
        private readonly float[] _result;
        private readonly int _width;
        private int _length;

        public RgbStrip(PlanarImage image)
        {
            _width = image.Width;
            MaxRows = Math.Clamp(StripValues / _width, 1, image.Height);
            _planes = [Row(), Row(), Row()];
            _result = Row();

            float[] Row() => new float[MaxRows * _width];
        }

        public int MaxRows { get; }

        private ReadOnlySpan<float> Plane(int plane) => _planes[plane].AsSpan(0, _length);

        private Span<float> Result => _result.AsSpan(0, _length);

        public void Read(PlanarImage image, int top)
        {
            _length = Math.Min(MaxRows, image.Height - top) * _width;
            for (var plane = 0; plane < _planes.Length; plane++)
            {
                image.Read(plane, top, 0, _planes[plane].AsSpan(0, _length));
            }
        }

        public float MaxDifference() => Math.Max(Difference(0, 1), Math.Max(Difference(1, 2), Difference(0, 2)));

        public ReadOnlySpan<float> Luma()
        {
            Mix(Plane(0), Plane(1), Plane(2), Result);
            return Result;
        }

        private float Difference(int one, int other)
        {
            TensorPrimitives.Subtract(Plane(one), Plane(other), Result);
            return Math.Abs(TensorPrimitives.MaxMagnitude<float>(Result));
        }
    }
}
