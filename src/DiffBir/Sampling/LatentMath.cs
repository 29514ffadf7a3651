using System.Buffers;
using DiffBir.Randomness;

namespace DiffBir.Sampling;

/// <summary>
/// Arithmetic of latents. Factors are rounded to 32 bits first, as PyTorch does; every result is a new latent, computed a part
/// at a time, so that latents larger than memory are as good as small ones.
/// </summary>
internal static class LatentMath
{
    private const int PartLength = 1 << 14; // 64 kB: several parts stay in the second-level cache

    private delegate void OfOne(ReadOnlySpan<float> x, Span<float> result);

    private delegate void OfTwo(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result);

    /// <summary>a·x</summary>
    public static Latent Scale(double a, Latent x)
    {
        var factor = (float)a;
        return Map(
            x,
            (x, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = factor * x[i];
                }
            }
        );
    }

    /// <summary>x / a</summary>
    public static Latent Divide(Latent x, double a)
    {
        var divisor = (float)a;
        return Map(
            x,
            (x, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = x[i] / divisor;
                }
            }
        );
    }

    /// <summary>a·x + b·y</summary>
    public static Latent Combine(double a, Latent x, double b, Latent y)
    {
        var (first, second) = ((float)a, (float)b);
        return Map(
            x,
            y,
            (x, y, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = (first * x[i]) + (second * y[i]);
                }
            }
        );
    }

    /// <summary>x + a·y</summary>
    public static Latent AddScaled(Latent x, double a, Latent y)
    {
        var factor = (float)a;
        return Map(
            x,
            y,
            (x, y, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = x[i] + (factor * y[i]);
                }
            }
        );
    }

    /// <summary>(x − y) / a</summary>
    public static Latent DividedDifference(Latent x, Latent y, double a)
    {
        var divisor = (float)a;
        return Map(
            x,
            y,
            (x, y, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = (x[i] - y[i]) / divisor;
                }
            }
        );
    }

    /// <summary>x + a·(y − x)</summary>
    public static Latent Extrapolate(Latent x, Latent y, double a)
    {
        var factor = (float)a;
        return Map(
            x,
            y,
            (x, y, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = x[i] + (factor * (y[i] - x[i]));
                }
            }
        );
    }

    /// <summary>x ⊙ y</summary>
    public static Latent Multiply(Latent x, Latent y) =>
        Map(
            x,
            y,
            (x, y, result) =>
            {
                for (var i = 0; i < result.Length; i++)
                {
                    result[i] = x[i] * y[i];
                }
            }
        );

    /// <summary>Standard normal noise of a latent's shape: one draw.</summary>
    public static Latent Normal(this INoiseSource noise, Latent like)
    {
        var result = like.Store.Create(like.Shape);
        noise.Draw(result.Length, result.Planes.Write);
        return result;
    }

    /// <summary>A path's change from one noise level to the next: standard normal noise of a latent's shape.</summary>
    public static Latent Step(this IBrownianPath path, float sigma, float sigmaNext, Latent like)
    {
        var result = like.Store.Create(like.Shape);
        path.Step(sigma, sigmaNext, result.Planes.Write);
        return result;
    }

    /// <summary>One batch after the other, along the first axis.</summary>
    public static Latent Stack(Latent first, Latent second)
    {
        second.Validate("second batch", [-1, .. first.Shape[1..]]);
        var result = first.Store.Create([first.Size(0) + second.Size(0), .. first.Shape[1..]]);
        Copy(first, 0, result, 0, first.Length);
        Copy(second, 0, result, first.Length, second.Length);
        return result;
    }

    /// <summary>Some images of a batch: [count,C,h,w]; the batch itself where it has no others.</summary>
    public static Latent Images(Latent batch, int first, int count)
    {
        if (count == batch.Size(0))
        {
            return batch;
        }

        var length = batch.Length / batch.Size(0);
        var result = batch.Store.Create([count, .. batch.Shape[1..]]);
        Copy(batch, first * length, result, 0, count * length);
        return result;
    }

    /// <summary>The same image several times: [count,C,h,w]; the image itself for once.</summary>
    public static Latent Repeat(Latent image, int count)
    {
        if (count == 1)
        {
            return image;
        }

        var result = image.Store.Create([count, .. image.Shape[1..]]);
        for (var index = 0; index < count; index++)
        {
            Copy(image, 0, result, index * image.Length, image.Length);
        }

        return result;
    }

    /// <summary>The two halves of a batch.</summary>
    public static (Latent First, Latent Second) Halve(Latent batch)
    {
        var half = batch.Size(0) / 2;
        return (Images(batch, 0, half), Images(batch, half, half));
    }

    /// <summary>Latents with other rows and columns at the right and the bottom: cut off, or added and zero. The same where there are none.</summary>
    public static Latent Resize(Latent latent, int height, int width)
    {
        if ((latent.Size(2), latent.Size(3)) == (height, width))
        {
            return latent;
        }

        var result = latent.Store.Create(latent.Size(0), latent.Size(1), height, width);
        var line = new float[Math.Min(width, latent.Size(3))];
        for (var plane = 0; plane < result.Planes.Planes; plane++)
        {
            for (var row = 0; row < Math.Min(height, latent.Size(2)); row++)
            {
                latent.Planes.Read(plane, row, 0, line);
                result.Planes.Write(plane, row, 0, line);
            }
        }

        return result;
    }

    /// <summary>A box of every latent, in memory: [B,C,h,w].</summary>
    public static Tensor Crop(Latent latent, Rectangle box) =>
        latent
            .Planes.ReadBox(box.Top, box.Left, box.Height, box.Width)
            .Reshape(latent.Size(0), latent.Size(1), box.Height, box.Width);

    private static Latent Map(Latent x, OfOne function)
    {
        var result = x.Store.Create(x.Shape);
        var (first, computed) = (Rent(), Rent());
        for (var start = 0L; start < x.Length; start += PartLength)
        {
            var length = (int)Math.Min(PartLength, x.Length - start);
            x.Planes.Read(start, first.AsSpan(0, length));
            function(first.AsSpan(0, length), computed.AsSpan(0, length));
            result.Planes.Write(start, computed.AsSpan(0, length));
        }

        Return(first, computed);
        return result;
    }

    private static Latent Map(Latent x, Latent y, OfTwo function)
    {
        y.Validate("the second latent", x.Shape);
        var result = x.Store.Create(x.Shape);
        var (first, second, computed) = (Rent(), Rent(), Rent());
        for (var start = 0L; start < x.Length; start += PartLength)
        {
            var length = (int)Math.Min(PartLength, x.Length - start);
            x.Planes.Read(start, first.AsSpan(0, length));
            y.Planes.Read(start, second.AsSpan(0, length));
            function(first.AsSpan(0, length), second.AsSpan(0, length), computed.AsSpan(0, length));
            result.Planes.Write(start, computed.AsSpan(0, length));
        }

        Return(first, second, computed);
        return result;
    }

    private static void Copy(Latent from, long start, Latent to, long place, long count)
    {
        var buffer = Rent();
        for (var done = 0L; done < count; done += PartLength)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(PartLength, count - done));
            from.Planes.Read(start + done, part);
            to.Planes.Write(place + done, part);
        }

        Return(buffer);
    }

    private static float[] Rent() => ArrayPool<float>.Shared.Rent(PartLength);

    private static void Return(params ReadOnlySpan<float[]> buffers)
    {
        foreach (var buffer in buffers)
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }
}
