namespace DiffBir.Sampling;

/// <summary>Arithmetic of latents. Factors are rounded to 32 bits first, as PyTorch does; every result is a new tensor.</summary>
internal static class LatentMath
{
    /// <summary>a·x</summary>
    public static Tensor Scale(double a, Tensor x)
    {
        var (factor, result) = ((float)a, new Tensor(x.Shape));
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = factor * x.Data[i];
        }

        return result;
    }

    /// <summary>a·x + b·y</summary>
    public static Tensor Combine(double a, Tensor x, double b, Tensor y)
    {
        var (first, second, result) = ((float)a, (float)b, new Tensor(x.Shape));
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = first * x.Data[i] + second * y.Data[i];
        }

        return result;
    }

    /// <summary>x + a·y</summary>
    public static Tensor AddScaled(Tensor x, double a, Tensor y)
    {
        var (factor, result) = ((float)a, new Tensor(x.Shape));
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = x.Data[i] + factor * y.Data[i];
        }

        return result;
    }

    /// <summary>(x − y) / a</summary>
    public static Tensor Slope(Tensor x, Tensor y, double a)
    {
        var (divisor, result) = ((float)a, new Tensor(x.Shape));
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = (x.Data[i] - y.Data[i]) / divisor;
        }

        return result;
    }

    /// <summary>x + a·(y − x)</summary>
    public static Tensor Extrapolate(Tensor x, Tensor y, double a)
    {
        var (factor, result) = ((float)a, new Tensor(x.Shape));
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = x.Data[i] + factor * (y.Data[i] - x.Data[i]);
        }

        return result;
    }

    /// <summary>One batch after the other, along the first axis.</summary>
    public static Tensor Stack(Tensor first, Tensor second)
    {
        second.Require("second batch", [-1, .. first.Shape[1..]]);
        float[] data = [.. first.Data, .. second.Data];
        return new Tensor(data, [first.Size(0) + second.Size(0), .. first.Shape[1..]]);
    }

    /// <summary>One image of a batch: [1,C,h,w].</summary>
    public static Tensor Image(Tensor batch, int index)
    {
        var length = batch.Length / batch.Size(0);
        return new Tensor(batch.Data.AsSpan(index * length, length).ToArray(), [1, .. batch.Shape[1..]]);
    }

    /// <summary>The same image several times: [count,C,h,w].</summary>
    public static Tensor Repeat(Tensor image, int count)
    {
        float[] data = [.. Enumerable.Repeat(image.Data, count).SelectMany(values => values)];
        return new Tensor(data, [count, .. image.Shape[1..]]);
    }

    /// <summary>The two halves of a batch.</summary>
    public static (Tensor First, Tensor Second) Halve(Tensor batch)
    {
        int[] shape = [batch.Size(0) / 2, .. batch.Shape[1..]];
        var middle = batch.Length / 2;
        return (new Tensor(batch.Data[..middle], shape), new Tensor(batch.Data[middle..], shape));
    }
}
