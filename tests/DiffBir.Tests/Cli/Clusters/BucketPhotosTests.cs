using DiffBir.Cli.Clusters;
using DiffBir.Cli.Files;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Tests.Support;
using DiffBir.Commands;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Clusters;

/// <summary>Photos in buckets are found, named, and never replaced.</summary>
public sealed class BucketPhotosTests : IDisposable
{
    private const string In = "s3://photos/in";
    private const string Out = "s3://photos/out";

    private readonly TemporaryFolder _folder = new();
    private readonly S3Double _s3 = new() { PageSize = 2 };

    public void Dispose()
    {
        _s3.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Photos_are_named_as_in_folders_and_what_is_no_picture_or_ours_is_left_out()
    {
        Put(
            "in/a.jpg",
            "in/b/c.PNG",
            "in/notes.txt",
            "in/b/",
            "in/.diffbir/records/a.jpg.json",
            "in/.diffbir/x.jpg",
            "in2/d.jpg"
        );

        var items = await FindAsync([In], Out, input => ImageFormats.FromExtension(input.Name)!.Value);

        items.Select(item => $"{item.Input} -> {item.Outputs[0]}").ShouldBe([$"{In}/a.jpg -> a.jpg", $"{In}/b/c.PNG -> b/c.png"]);
    }

    [Fact]
    public async Task Photos_that_could_claim_one_name_get_names_of_their_own_whatever_lies_between_them()
    {
        Put("in/a.jpg", "in/a.k/x.jpg", "in/a.tif", "in/a.jpg.tif", "in/ab.jpg", "in/a-.jpg");

        var items = await FindAsync([In], Out, _ => ImageFormat.Png);

        items.Select(item => item.Outputs[0]).Distinct().Count().ShouldBe(6);
        NameOf("a.jpg").ShouldBe("a.jpg.png");
        NameOf("a.tif").ShouldBe("a.tif.png");
        NameOf("ab.jpg").ShouldBe("ab.png");

        string NameOf(string name) => items.Single(item => item.Input == $"{In}/{name}").Outputs[0];
    }

    [Fact]
    public async Task One_photo_kinds_that_are_not_read_and_odd_keys_are_told()
    {
        Put("in/a.heic", "in//b.jpg", "in/c.jpg");

        var items = await FindAsync([In], Out, _ => ImageFormat.Png);
        var one = await FindAsync([$"{In}/c.jpg"], Out, _ => ImageFormat.Png, samples: 2);

        items
            .Single(item => item.Input.EndsWith("a.heic", StringComparison.Ordinal))
            .Problem.ShouldNotBeNull()
            .ShouldContain("HEIC");
        items
            .Single(item => item.Input.EndsWith("b.jpg", StringComparison.Ordinal))
            .Problem.ShouldNotBeNull()
            .ShouldContain("an empty part");
        one.ShouldHaveSingleItem().Outputs.ShouldBe(["c_0.png", "c_1.png"]);
    }

    [Fact]
    public async Task Results_inside_the_photos_place_are_no_photos()
    {
        Put("in/a.jpg", "in/restored/a.jpg");

        var items = await FindAsync([In], $"{In}/restored", _ => ImageFormat.Jpeg);

        items.ShouldHaveSingleItem().Input.ShouldBe($"{In}/a.jpg");
    }

    [Theory]
    [InlineData("The results could replace photos", "s3://photos", "s3://photos/in")]
    [InlineData("The results could replace photos", "s3://photos/in/", "s3://photos/in")]
    [InlineData("The results could replace photos", "s3://photos/in", "s3://photos/in/a.jpg")]
    [InlineData("is the only input of its batch", "s3://photos/out", "s3://photos/in", "s3://photos/in2")]
    [InlineData("is named like a picture", "s3://photos/out.png", "s3://photos/in")]
    [InlineData("holds no images", "s3://photos/out", "s3://photos/none")]
    public async Task What_could_end_badly_is_refused(string sentence, string output, params string[] inputs)
    {
        Put("in/a.jpg");

        var refused = await Should.ThrowAsync<UsageException>(() => FindAsync(inputs, output, _ => ImageFormat.Png));

        refused.Message.ShouldContain(sentence);
    }

    [Fact]
    public async Task Files_of_this_machine_go_into_a_bucket_under_their_names()
    {
        foreach (var name in new[] { "a.jpg", "b/c.jpg" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            await File.WriteAllTextAsync(_folder.File(name), "photo");
        }

        var items = await FindAsync([_folder.Path], Out, _ => ImageFormat.Png);

        items
            .Select(item => (item.Input, item.Outputs[0]))
            .ShouldBe([(_folder.File("a.jpg"), "a.png"), (_folder.File("b/c.jpg"), "b/c.png")]);
    }

    [Fact]
    public async Task However_many_names_there_are_they_take_the_memory_of_a_page()
    {
        const int Names = 20_000;
        using var s3 = new S3Double { MadeUp = Names };
        using var places = new ClusterPlaces(s3.Connect(), _folder.Path);
        var photos = await new BucketPhotos(places, _ => ImageFormat.Jpeg, samples: 1).FindAsync([In], Out, default);
        var items = photos.Items().GetAsyncEnumerator();
        var (count, seen) = (0, new List<WeakReference>());

        while (count < Names / 2 && await items.MoveNextAsync())
        {
            count++;
            seen.Add(new WeakReference(items.Current));
        }

        GC.Collect();
        seen.Count(item => item.IsAlive).ShouldBeLessThan(s3.PageSize);
        while (await items.MoveNextAsync())
        {
            count++;
        }

        (count, photos.Count).ShouldBe((Names, Names));
    }

    private void Put(params string[] keys)
    {
        foreach (var key in keys)
        {
            _s3.Put("photos", key, "photo"u8.ToArray());
        }
    }

    private async Task<List<FeedItem>> FindAsync(
        string[] inputs,
        string output,
        Func<InputFile, ImageFormat> format,
        int samples = 1
    )
    {
        using var places = new ClusterPlaces(_s3.Connect(), _folder.Path);
        var photos = await new BucketPhotos(places, format, samples).FindAsync(inputs, output, default);
        var items = await photos.Items().ToListAsync();
        photos.Count.ShouldBe(items.Count);
        return items;
    }
}
