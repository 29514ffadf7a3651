using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli;

public sealed class SamplesTests
{
    private const long MaxSampleBytes = 150_000; // bytes
    private static readonly string Folder = Path.Combine(Parity.WorkingCopy, "samples");

    [Fact]
    public void Every_sample_is_listed_small_decodable_and_has_a_license()
    {
        var samples = JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllText(Path.Combine(Folder, "samples.json")))!;
        var readme = File.ReadAllText(Path.Combine(Folder, "README.md"));

        samples.Select(sample => Text(sample, "file")).ShouldBe(Pictures(), ignoreOrder: true);
        foreach (var sample in samples)
        {
            var name = Text(sample, "file");
            var path = Path.Combine(Folder, name);
            new FileInfo(path).Length.ShouldBeLessThan(MaxSampleBytes, name);
            readme.ShouldContain($"`{name}`");
            Text(sample, "title").ShouldNotBeEmpty(name);
            Text(sample, "license").ShouldNotBeEmpty(name);
            Text(sample, "source").ShouldNotBeEmpty(name);
            Enum.TryParse<RestorationTask>(Text(sample, "task"), ignoreCase: true, out _).ShouldBeTrue(name);
            using var photo = ImageFile.Read(path);
            (photo.Width * sample.GetProperty("upscale").GetDouble()).ShouldBeInRange(512, 768);
        }
    }

    private static string Text(JsonElement sample, string property) => sample.GetProperty(property).GetString()!;

    private static IEnumerable<string> Pictures() =>
        Directory
            .EnumerateFiles(Folder)
            .Where(path => ImageFormats.FromExtension(path) is not null)
            .Select(path => Path.GetFileName(path));
}
