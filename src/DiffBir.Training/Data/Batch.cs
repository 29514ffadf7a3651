namespace DiffBir.Training.Data;

/// <summary>Samples side by side.</summary>
/// <param name="Photos">The photos' names.</param>
/// <param name="Clean">[B, 3, H, W] in [0, 1].</param>
/// <param name="Lq">[B, 3, H, W] in [0, 1]; null where a task needs none.</param>
/// <param name="Small">For each sample [1, 3, h, w] in [0, 1] as small as its degradation left it; null where it kept the size.</param>
internal sealed record Batch(IReadOnlyList<string> Photos, Tensor Clean, Tensor? Lq, IReadOnlyList<Tensor?> Small)
{
    /// <summary>Joins samples of one size.</summary>
    public static Batch Of(IReadOnlyList<Sample> samples) =>
        new(
            [.. samples.Select(sample => sample.Photo)],
            Stack([.. samples.Select(sample => sample.Clean)]),
            samples[0].Lq is null ? null : Stack([.. samples.Select(sample => sample.Lq!)]),
            [.. samples.Select(sample => sample.Small)]
        );

    private static Tensor Stack(Tensor[] images)
    {
        var (first, length) = (images[0], images[0].Length);
        var stacked = new Tensor(images.Length, first.Size(1), first.Size(2), first.Size(3));
        for (var index = 0; index < images.Length; index++)
        {
            images[index].Validate("A sample", first.Shape);
            images[index].Span.CopyTo(stacked.Span.Slice(index * length, length));
        }

        return stacked;
    }
}
