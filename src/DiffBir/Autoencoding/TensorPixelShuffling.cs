namespace DiffBir.Autoencoding;

/// <summary>Squares of pixels to channels and back: what <see cref="Graphs.PixelShuffling"/> does inside graphs.</summary>
internal static class TensorPixelShuffling
{
    /// <summary>[1,C,rH,rW] to [1,C·r²,H,W].</summary>
    public static Tensor Unshuffle(Tensor image, int r)
    {
        if (r == 1)
        {
            return image;
        }

        var (channels, height, width) = (image.Size(1), image.Size(2) / r, image.Size(3) / r);
        var result = new Tensor(1, channels * r * r, height, width);
        ForEach(result, r, (at, pixel) => result.Data[at] = image.Data[pixel]);
        return result;
    }

    /// <summary>[1,C·r²,H,W] to [1,C,rH,rW].</summary>
    public static Tensor Shuffle(Tensor squares, int r)
    {
        if (r == 1)
        {
            return squares;
        }

        var (channels, height, width) = (squares.Size(1), squares.Size(2), squares.Size(3));
        var result = new Tensor(1, channels / (r * r), height * r, width * r);
        ForEach(squares, r, (at, pixel) => result.Data[pixel] = squares.Data[at]);
        return result;
    }

    private static void ForEach(Tensor squares, int r, Action<int, int> pair)
    {
        var (height, width) = (squares.Size(2), squares.Size(3));
        for (var at = 0; at < squares.Length; at++)
        {
            var (line, x) = (at / width, at % width);
            var (plane, y) = (line / height, line % height);
            var (channel, down, right) = (plane / (r * r), plane / r % r, plane % r);
            pair(at, (((((channel * height) + y) * r) + down) * width * r) + (x * r) + right);
        }
    }
}
