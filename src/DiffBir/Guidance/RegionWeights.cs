namespace DiffBir.Guidance;

/// <summary>Where restoration guidance holds the result to the clean image: 1 in flat regions, near 0 in textured ones.</summary>
internal static class RegionWeights
{
    private const int Block = 2;

    /// <summary>
    /// The weight map W = 1 − G of arXiv 2308.15070, section 3.4: G is the hyperbolic tangent of the Sobel magnitude, summed
    /// over blocks of 2×2 pixels.
    /// </summary>
    /// <param name="image01">The clean image [B,3,H,W] in [0, 1].</param>
    /// <returns>[B,1,H,W] in [0, 1], constant in each block.</returns>
    public static Tensor Of(Tensor image01)
    {
        image01.Validate("the clean image", -1, 3, -1, -1);
        var (batch, height, width) = (image01.Size(0), image01.Size(2), image01.Size(3));
        var weights = new Tensor(batch, 1, height, width);
        for (var sample = 0; sample < batch; sample++)
        {
            var magnitude = Sobel(Gray(image01, sample), height, width);
            OneMinusTanhOfBlocks(magnitude, weights.Span.Slice(sample * height * width, height * width), height, width);
        }

        return weights;
    }

    /// <summary>A weight map for latents: the mean over each latent pixel's part of the image.</summary>
    /// <param name="weights">[B,1,H,W].</param>
    /// <param name="height">The latent's rows; H is a multiple of it.</param>
    /// <param name="width">The latent's columns; W is a multiple of it.</param>
    /// <returns>[B,1,height,width].</returns>
    public static Tensor ForLatent(Tensor weights, int height, int width)
    {
        weights.Validate("the weight map", -1, 1, -1, -1);
        if (weights.Size(2) % height != 0 || weights.Size(3) % width != 0)
        {
            throw new ShapeException(
                $"A weight map of {weights.Size(2)}×{weights.Size(3)} does not divide into {height}×{width} latent pixels."
            );
        }

        var result = new Tensor(weights.Size(0), 1, height, width);
        var (rows, columns) = (weights.Size(2) / height, weights.Size(3) / width);
        for (var i = 0; i < weights.Length; i++)
        {
            var (line, column) = (i / weights.Size(3), i % weights.Size(3));
            var target = (line / rows * width) + (column / columns);
            result.Data[target] += weights.Data[i] / (rows * columns);
        }

        return result;
    }

    private static float[] Gray(Tensor image01, int sample)
    {
        var plane = image01.Size(2) * image01.Size(3);
        var rgb = image01.Data.AsSpan(3 * sample * plane, 3 * plane);
        var gray = new float[plane];
        for (var i = 0; i < plane; i++)
        {
            gray[i] = (0.2989f * rgb[i]) + (0.5870f * rgb[plane + i]) + (0.1140f * rgb[(2 * plane) + i]);
        }

        return gray;
    }

    private static float[] Sobel(float[] gray, int height, int width)
    {
        var magnitude = new float[gray.Length];
        for (var y = 0; y < height; y++)
        {
            var (above, here, below) = (Row(y - 1), Row(y), Row(y + 1));
            for (var x = 0; x < width; x++)
            {
                // Edges are repeated.
                var (left, right) = (Math.Max(x - 1, 0), Math.Min(x + 1, width - 1));
                var gx =
                    gray[above + left]
                    - gray[above + right]
                    + (2 * (gray[here + left] - gray[here + right]))
                    + (gray[below + left] - gray[below + right]);
                var gy =
                    gray[above + left]
                    - gray[below + left]
                    + (2 * (gray[above + x] - gray[below + x]))
                    + (gray[above + right] - gray[below + right]);
                magnitude[here + x] = MathF.Sqrt((gx * gx) + (gy * gy));
            }
        }

        return magnitude;

        int Row(int y) => Math.Clamp(y, 0, height - 1) * width;
    }

    private static void OneMinusTanhOfBlocks(float[] magnitude, Span<float> weights, int height, int width)
    {
        for (var top = 0; top < height; top += Block)
        {
            for (var left = 0; left < width; left += Block)
            {
                // With an odd side the last block is cut off.
                var (bottom, right) = (Math.Min(top + Block, height), Math.Min(left + Block, width));
                var sum = 0f;
                for (var y = top; y < bottom; y++)
                {
                    for (var x = left; x < right; x++)
                    {
                        sum += magnitude[(y * width) + x];
                    }
                }

                for (var y = top; y < bottom; y++)
                {
                    weights[((y * width) + left)..((y * width) + right)].Fill(1 - MathF.Tanh(sum));
                }
            }
        }
    }
}
