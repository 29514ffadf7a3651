using System.Collections.Concurrent;
using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Training.Configuration;

namespace DiffBir.Training.Data;

/// <summary>Makes samples of photos; a sample depends on the seed and its number alone.</summary>
/// <param name="photos">The photos.</param>
/// <param name="options">Crops and flips.</param>
/// <param name="degradations">How to degrade; empty for none.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="report">Told once about each photo that cannot be used.</param>
internal sealed class SampleSource(
    PhotoSet photos,
    DataOptions options,
    IReadOnlyList<DegradationChoice> degradations,
    long seed,
    Action<string> report
)
{
    private readonly DegradationFamily[] _families = [.. degradations.Select(choice => choice.Settle())];
    private readonly double[] _weights = [.. degradations.Select(choice => choice.Weight)];
    private readonly ConcurrentDictionary<int, bool> _unusable = new();
    private readonly ConcurrentDictionary<long, Lazy<int[]>> _orders = new();

    /// <summary>The training sample of a number: a random crop, flipped and degraded.</summary>
    public Sample At(long number)
    {
        var epoch = Math.DivRem(number, photos.Count, out var position);
        var photo = Order(epoch)[position];
        for (var tried = 0; tried < photos.Count; tried++, photo = (photo + 1) % photos.Count)
        {
            if (TryRead(photo) is { } image)
            {
                var random = SplitMix64.For(seed, photos.NameOf(photo), epoch);
                var crop = Crops.RandomWindow(image, options.Crop + Margin(image), random);
                crop = Flips.Random(crop, random, options.Flip, options.Rotate);
                return CutMargin(Degrade(photos.NameOf(photo), crop, random), random);
            }
        }

        throw new DiffBirException("None of the photos can be used; see the messages above.");
    }

    /// <summary>A validation sample: the photo's middle, degraded in the same way at every call.</summary>
    /// <param name="photo">The photo's number.</param>
    /// <param name="size">The crop's side.</param>
    /// <returns>The sample, or null where the photo cannot be used.</returns>
    public Sample? Middle(int photo, int size)
    {
        var image = TryRead(photo);
        if (image is null || Math.Min(image.Size(2), image.Size(3)) < size)
        {
            return null;
        }

        var name = photos.NameOf(photo);
        var crop = Framing.Crop(image, new((image.Size(2) - size) / 2, (image.Size(3) - size) / 2, size, size));
        return Degrade(name, crop, SplitMix64.For(seed, name));
    }

    private Sample Degrade(string name, Tensor crop, SplitMix64 random)
    {
        if (_families.Length == 0)
        {
            return new Sample(name, crop, null);
        }

        var pair = _families[random.Choose(_weights)].Apply(crop, random);
        var (height, width) = (pair.Clean.Size(2), pair.Clean.Size(3));
        return pair.Lq.HasShape(pair.Clean.Shape)
            ? new Sample(name, pair.Clean, pair.Lq)
            : new Sample(name, pair.Clean, Resampling.ResizeAsPillow(pair.Lq, height, width), pair.Lq);
    }

    /// <summary>What the photo has room for beside the crop: a multiple of <see cref="DataOptions.MarginUnit"/>.</summary>
    private int Margin(Tensor image) =>
        Math.Min(options.Margin, Math.Min(image.Size(2), image.Size(3)) - options.Crop)
        / DataOptions.MarginUnit
        * DataOptions.MarginUnit;

    /// <summary>A square of the crop's side out of a degraded one, the same of all its images.</summary>
    private Sample CutMargin(Sample sample, SplitMix64 random)
    {
        var shrink = sample.Small is { } small ? sample.Clean.Size(3) / small.Size(3) : 1;
        var places = ((sample.Clean.Size(3) - options.Crop) / shrink) + 1;
        var (top, left) = (random.Integer(places), random.Integer(places)); // in pixels of the smallest image
        return new Sample(
            sample.Photo,
            Cut(sample.Clean, shrink),
            sample.Lq is { } lq ? Cut(lq, shrink) : null,
            sample.Small is { } kept ? Cut(kept, 1) : null
        );

        Tensor Cut(Tensor image, int scale)
        {
            var side = options.Crop / shrink * scale;
            return Framing.Crop(image, new(top * scale, left * scale, side, side));
        }
    }

    private int[] Order(long epoch)
    {
        var order = _orders.GetOrAdd(epoch, key => new Lazy<int[]>(() => photos.OrderOf(seed, key)));
        _orders.TryRemove(epoch - 2, out _);
        return order.Value;
    }

    private Tensor? TryRead(int photo)
    {
        if (_unusable.ContainsKey(photo))
        {
            return null;
        }

        try
        {
            var image = PhotoReader.Read(photos.PathOf(photo));
            if (Math.Min(image.Size(2), image.Size(3)) >= options.Crop)
            {
                return image;
            }

            Skip(
                photo,
                $"'{photos.NameOf(photo)}' is {image.Size(3)}x{image.Size(2)}, smaller than a crop of {options.Crop}; skipped."
            );
        }
        catch (DiffBirException exception)
        {
            Skip(photo, $"{exception.Message}; skipped.");
        }

        return null;
    }

    private void Skip(int photo, string message)
    {
        if (_unusable.TryAdd(photo, true))
        {
            report(message);
        }
    }
}
