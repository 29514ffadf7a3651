namespace DiffBir.Tests.Degradation;

/// <summary>Brings the fixtures' layouts to [1,3,H,W].</summary>
internal static class Layout
{
    /// <summary>One image of a batch [B,3,H,W].</summary>
    public static Tensor Sample(this Tensor batch, int index)
    {
        var length = batch.Length / batch.Size(0);
        return new Tensor(batch.Span.Slice(index * length, length).ToArray(), [1, .. batch.Shape[1..]]);
    }

    /// <summary>From [H,W,3]; the channels may change their order from BGR to RGB.</summary>
    public static Tensor FromInterleaved(this Tensor image, bool reverseChannels = false)
    {
        var (height, width, channels) = (image.Size(0), image.Size(1), image.Size(2));
        var result = new Tensor(1, channels, height, width);
        for (var pixel = 0; pixel < height * width; pixel++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                var source = reverseChannels ? channels - 1 - channel : channel;
                result.Data[(channel * height * width) + pixel] = image.Data[(pixel * channels) + source];
            }
        }

        return result;
    }

    /// <summary>The values of a tensor divided by a number.</summary>
    public static Tensor DividedBy(this Tensor tensor, float divisor) =>
        new(Array.ConvertAll(tensor.Data, value => value / divisor), tensor.Shape);
}
