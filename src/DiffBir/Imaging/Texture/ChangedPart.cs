namespace DiffBir.Imaging.Texture;

/// <summary>What restoring changed in a part of a photo.</summary>
internal sealed class ChangedPart
{
    /// <summary>How far around a pixel <see cref="Energy"/>, <see cref="Removed"/> and <see cref="Brightness"/> look.</summary>
    public const int Halo = Around + DetailRadius;

    private const int Around = 4; // pixels on each side over which energies are means: enough to be steady, few enough to be local
    private const int DetailRadius = 2; // what differs from the mean so far around is detail

    private readonly Tensor _before;
    private readonly Tensor _after;

    /// <param name="photo">The photo as it was, in [0, 1].</param>
    /// <param name="restored">The same photo restored, of the same size; what leaves [0, 1] is cut off.</param>
    /// <param name="box">The part.</param>
    public ChangedPart(PlanarImage photo, PlanarImage restored, Rectangle box)
    {
        Box = box;
        _before = photo.ReadBox(box.Top, box.Left, box.Height, box.Width);
        _after = restored.ReadBox(box.Top, box.Left, box.Height, box.Width);
        foreach (ref var value in _after.Span)
        {
            value = Math.Clamp(value, 0, 1);
        }

        (Energy, Removed, Brightness) = (new float[box.Pixels], new float[box.Pixels], new float[box.Pixels]);
        for (var channel = 0; channel < photo.Planes; channel++)
        {
            Add(Channel(_before, channel), Channel(_after, channel), 1f / photo.Planes);
        }

        foreach (var plane in (float[][])[Energy, Removed, Brightness])
        {
            BoxMean.Apply(plane, box.Width, Around);
        }
    }

    /// <summary>Where it lies.</summary>
    public Rectangle Box { get; }

    /// <summary>The mean square of the change around each pixel.</summary>
    public float[] Energy { get; }

    /// <summary>By how much less detail varies than before, around each pixel; negative where it varies more.</summary>
    public float[] Removed { get; }

    /// <summary>The restored photo's mean around each pixel.</summary>
    public float[] Brightness { get; }

    /// <summary>A mixture of the photo and the restored one.</summary>
    /// <param name="share">The restored one's share of each pixel.</param>
    /// <param name="core">What of the part is wanted.</param>
    /// <returns>[1,planes,core's height,core's width].</returns>
    public Tensor Mix(ReadOnlySpan<float> share, Rectangle core)
    {
        var result = new Tensor(1, _before.Size(1), core.Height, core.Width);
        for (var line = 0; line < result.Size(1) * core.Height; line++)
        {
            var (channel, row) = Math.DivRem(line, core.Height);
            var start = ((core.Top - Box.Top + row) * Box.Width) + core.Left - Box.Left;
            var before = Channel(_before, channel)[start..];
            var after = Channel(_after, channel)[start..];
            var mixed = result.Span.Slice(line * core.Width, core.Width);
            for (var column = 0; column < mixed.Length; column++)
            {
                mixed[column] = before[column] + (share[start + column] * (after[column] - before[column]));
            }
        }

        return result;
    }

    private void Add(ReadOnlySpan<float> before, ReadOnlySpan<float> after, float weight)
    {
        var (detailBefore, detailAfter) = (Detail(before), Detail(after));
        for (var pixel = 0; pixel < before.Length; pixel++)
        {
            var change = after[pixel] - before[pixel];
            Energy[pixel] += weight * change * change;
            Removed[pixel] += weight * ((detailBefore[pixel] * detailBefore[pixel]) - (detailAfter[pixel] * detailAfter[pixel]));
            Brightness[pixel] += weight * after[pixel];
        }
    }

    private float[] Detail(ReadOnlySpan<float> plane)
    {
        var detail = plane.ToArray();
        BoxMean.Apply(detail, Box.Width, DetailRadius);
        for (var pixel = 0; pixel < detail.Length; pixel++)
        {
            detail[pixel] = plane[pixel] - detail[pixel];
        }

        return detail;
    }

    private ReadOnlySpan<float> Channel(Tensor image, int channel) => image.Span.Slice(channel * Box.Pixels, Box.Pixels);
}
