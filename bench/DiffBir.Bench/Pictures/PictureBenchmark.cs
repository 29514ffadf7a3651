using System.Diagnostics;
using DiffBir.Degradation;
using DiffBir.Imaging;
using DiffBir.Metrics;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Randomness;

namespace DiffBir.Bench.Pictures;

/// <summary>How good restored pictures are: photos made bad in independent ways, restored by several models, measured, laid out to look at.</summary>
internal static class PictureBenchmark
{
    private const long Seed = 20261128;
    private const int MaxPhotosOnSheet = 12; // photos on a sheet
    private const int DefaultPhotos = 24;

    /// <summary>Tries models on photos.</summary>
    /// <param name="bench">
    /// Names: folders of photos. <c>--models</c>: packs, separated by commas; <c>NAME/stage1</c> is its stage 1 alone,
    /// <c>NAME/20</c> guidance of that scale. <c>--out</c>: where pictures and sheets go.
    /// </param>
    public static int Print(BenchOptions bench)
    {
        var photos = Spread(
            bench.Names.SelectMany(Photos).Order(StringComparer.Ordinal).ToList(),
            (int)(bench.Count ?? DefaultPhotos)
        );
        var models = bench.Models.Select(name => new Candidate(name, bench.WeightsFolder)).ToList();
        Console.WriteLine(
            $"{photos.Count} photos, {bench.Side}x{bench.Side}; PSNR / SSIM / mean gradient, then photos that became worse"
        );
        Console.WriteLine($"| damage | clean | as it is | {string.Join(" | ", models.Select(model => model.Name))} |");
        Console.WriteLine($"| --- | --: | --: |{string.Concat(models.Select(_ => " --: |"))}");
        foreach (var damage in Damage.All.Where(damage => bench.Damages is null || bench.Damages.Contains(damage.Name)))
        {
            Print(damage, photos, models, bench);
        }

        Console.WriteLine($"Seconds a photo: {string.Join(", ", models.Select(model => $"{model.Name} {model.Mean:F2}"))}");
        models.ForEach(model => model.Dispose());
        return 0;
    }

    private static void Print(Damage damage, IReadOnlyList<string> photos, IReadOnlyList<Candidate> models, BenchOptions bench)
    {
        var rows = new List<IReadOnlyList<Tensor>>();
        var before = new List<Measurement>();
        var gradients = new List<double>();
        var after = models.Select(_ => new List<Measurement>()).ToList();
        foreach (var path in photos)
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var damaged = damage.Apply(Middle(path, bench.Side), SplitMix64.For(Seed, name));
            var (clean, bad) = (Rounded(damaged.Clean), Rounded(damaged.Bad));
            var enlarged = damage.Upscale == 1 ? bad : VipsPixels.Resize(bad, bench.Side);
            gradients.Add(Sharpness.MeanGradient(clean));
            before.Add(Measurement.Of(enlarged, clean));
            var restored = models.Select(model => model.Restore(bad, damage.Upscale, bench.Side)).ToList();
            for (var model = 0; model < models.Count; model++)
            {
                after[model].Add(Measurement.Of(restored[model], clean));
            }

            rows.Add([enlarged, .. restored, clean]);
        }

        var cells = after.Select(measured =>
            $"{Measurement.Mean(measured)} {measured.Where((one, at) => one.Psnr < before[at].Psnr - 0.005).Count()}"
        );
        Console.WriteLine(
            $"| {damage.Name}: {damage.Title} | {gradients.Average():F1} | {Measurement.Mean(before)} | {string.Join(" | ", cells)} |"
        );
        if (bench.Out is { } folder)
        {
            Directory.CreateDirectory(folder);
            Sheet.Write(Spread(rows, MaxPhotosOnSheet), Path.Combine(folder, $"{damage.Name}.png"));
        }
    }

    private static IEnumerable<string> Photos(string path) =>
        Directory.Exists(path)
            ? Directory.EnumerateFiles(path).Where(file => !file.EndsWith(".tsv", StringComparison.Ordinal))
            : [path];

    private static IReadOnlyList<T> Spread<T>(IReadOnlyList<T> all, int count) =>
        count >= all.Count ? all : [.. Enumerable.Range(0, count).Select(index => all[(int)((long)index * all.Count / count)])];

    private static Tensor Middle(string path, int side)
    {
        using var photo = ImageFile.Read(path);
        var image = photo.Pixels.ToTensor();
        return Framing.Crop(image, new((image.Size(2) - side) / 2, (image.Size(3) - side) / 2, side, side));
    }

    private static Tensor Rounded(Tensor image01)
    {
        var result = new Tensor(image01.Shape.ToArray());
        for (var index = 0; index < result.Length; index++)
        {
            result.Data[index] = MathF.Round(Math.Clamp(image01.Data[index], 0, 1) * 255) / 255;
        }

        return result;
    }

    private readonly record struct Measurement(double Psnr, double Ssim, double Gradient)
    {
        public static Measurement Of(Tensor image01, Tensor clean01) =>
            new(Metrics.Psnr.Rgb(image01, clean01), Metrics.Ssim.Rgb(image01, clean01), Sharpness.MeanGradient(image01));

        public static string Mean(IReadOnlyCollection<Measurement> all) =>
            $"{all.Average(one => one.Psnr):F2} {all.Average(one => one.Ssim):F3} {all.Average(one => one.Gradient):F1}";
    }

    /// <summary>A model and the way it is used.</summary>
    private sealed class Candidate(string name, string weights) : IDisposable
    {
        private readonly Dictionary<int, Restorer> _restorers = [];
        private readonly List<double> _seconds = [];

        public string Name => string.Join('/', name.TrimEnd('/').Split('/').TakeLast(2));

        public double Mean => _seconds.DefaultIfEmpty().Average();

        public Tensor Restore(Tensor bad01, int upscale, int side)
        {
            if (!_restorers.TryGetValue(upscale, out var restorer))
            {
                _restorers[upscale] = restorer = Open(upscale);
            }

            var start = Stopwatch.GetTimestamp();
            using var photo = Photo.Of(bad01);
            using var restored = restorer.Restore(photo).Single();
            _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            var image = restored.Pixels.ToTensor();
            return Rounded(image.Size(3) == side ? image : VipsPixels.Resize(image, side));
        }

        public void Dispose()
        {
            foreach (var restorer in _restorers.Values)
            {
                restorer.Dispose();
            }
        }

        private Restorer Open(int upscale)
        {
            var slash = name.LastIndexOf('/');
            var way = slash < 0 ? "" : name[(slash + 1)..];
            var options = new RestorationOptions { Upscale = upscale };
            if (way == "stage1")
            {
                return new Restorer(PackCatalog.Find(name[..slash]), options with { Stage1Only = true }, weights);
            }

            return double.TryParse(way, out var scale)
                ? new Restorer(
                    PackCatalog.Find(name[..slash]),
                    options with
                    {
                        Guidance = new GuidanceOptions { Scale = scale },
                    },
                    weights
                )
                : new Restorer(PackCatalog.Find(name), options, weights);
        }
    }
}
