using System.Text.Json;
using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Faces;

/// <summary>The ground truth of faces: what the original and OpenCV gave.</summary>
internal static class FaceFixtures
{
    public static Fixture Open(string name) => new(PathOf($"fixtures/{name}.safetensors"));

    public static string PathOf(string relative) => Parity.PathOf($"parity/faces/{relative}");

    /// <summary>A PNG file as [1,3,H,W] in [0,1].</summary>
    public static Tensor Png(string relative)
    {
        using var photo = ImageFile.Read(PathOf(relative));
        return photo.Pixels.ToTensor();
    }

    /// <summary>Bytes [H,W,3] as [1,3,H,W] in [0,1].</summary>
    public static Tensor Picture(this Fixture fixture, string name)
    {
        var (bytes, shape) = (fixture.Doubles(name), fixture.Shape(name));
        var picture = new Tensor(1, 3, shape[0], shape[1]);
        for (var i = 0; i < bytes.Length; i++)
        {
            picture.Data[(i % 3 * shape[0] * shape[1]) + (i / 3)] = (float)bytes[i] / 255f;
        }

        return picture;
    }

    /// <summary>Values [H,W] as [1,1,H,W].</summary>
    public static Tensor Plane(this Fixture fixture, string name) =>
        fixture.Tensor(name).Reshape(1, 1, fixture.Shape(name)[0], fixture.Shape(name)[1]);

    /// <summary>One of several maps [N,2,3], or the only one [2,3].</summary>
    public static AffineTransform Map(this Fixture fixture, string name, int index = 0)
    {
        var m = fixture.Doubles(name).AsSpan(6 * index, 6);
        return new(m[0], m[1], m[2], m[3], m[4], m[5]);
    }

    /// <summary>One of several faces [N,5,2], or the only one [5,2].</summary>
    public static FaceLandmarks Face(this Fixture fixture, string name, int index = 0)
    {
        var values = fixture.Doubles(name).AsSpan(10 * index, 10).ToArray();
        return FaceLandmarks.Of([.. values.Chunk(2).Select(point => new FacePoint(point[0], point[1]))]);
    }

    /// <summary>Faces of a <c>case.json</c>, in pixels of the working image.</summary>
    public static FaceLandmarks[] FacesOfCase(JsonElement description) =>
        [
            .. description
                .GetProperty("landmarks")
                .EnumerateArray()
                .Select(face =>
                    FaceLandmarks.Of([.. face.EnumerateArray().Select(p => new FacePoint(p[0].GetDouble(), p[1].GetDouble()))])
                ),
        ];

    public static double[] Values(this AffineTransform map) => [map.XX, map.XY, map.X0, map.YX, map.YY, map.Y0];

    /// <summary>Whole numbers 0 … 255 of values in [0,1].</summary>
    public static int[] Bytes(this Tensor image01) => Array.ConvertAll(image01.Data, value => (int)MathF.Round(value * 255));

    public static void ShouldBeCloseTo(this AffineTransform map, AffineTransform expected, double tolerance = 1e-6)
    {
        foreach (var (value, wanted) in map.Values().Zip(expected.Values()))
        {
            value.ShouldBe(wanted, tolerance * (1 + Math.Abs(wanted)));
        }
    }

    /// <summary>What stands for a restored background in the ground truth.</summary>
    public static Tensor Inverted(Tensor image01)
    {
        var result = image01.Clone();
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = (255 - MathF.Round(255 * image01.Data[i])) / 255f;
        }

        return result;
    }

    /// <summary>What stands for a restoration in the ground truth: (3 · the other channel + 160) / 4.</summary>
    public static Tensor Restored(Tensor aligned)
    {
        var (bytes, result) = (aligned.Bytes(), new Tensor(aligned.Shape));
        var plane = bytes.Length / 3;
        for (var i = 0; i < bytes.Length; i++)
        {
            result.Data[i] = (((3 * bytes[((2 - (i / plane)) * plane) + (i % plane)]) + 160) / 4) / 255f;
        }

        return result;
    }
}
