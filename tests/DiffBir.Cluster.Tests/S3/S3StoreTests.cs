using System.Text;
using DiffBir.Cluster.S3;
using DiffBir.Cluster.Stores;
using DiffBir.Cluster.Tests.Support;

namespace DiffBir.Cluster.Tests.S3;

/// <summary>A bucket keeps to what a store promises, whatever its answers.</summary>
public sealed class S3StoreTests : IDisposable
{
    private readonly TemporaryFolder _scratch = new();
    private readonly S3Double _s3 = new() { PageSize = 7 };
    private readonly S3Client _client;
    private readonly S3Store _store;

    public S3StoreTests()
    {
        _client = _s3.Connect();
        _store = StoreAt("s3://photos/out/");
    }

    private string Scratch => _scratch.Path;

    public void Dispose()
    {
        _client.Dispose();
        _s3.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Of_many_who_write_one_name_one_wins_and_its_content_stays()
    {
        var writes = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(number => _store.TryWriteAsync("a", new byte[] { (byte)number }, default))
        );

        writes.Count(won => won).ShouldBe(1);
        (await _store.ReadAsync("a", default)).ShouldBe([(byte)Array.IndexOf(writes, true)]);
        (await _store.ReadAsync("b", default)).ShouldBeNull();
    }

    [Theory]
    [InlineData("Fails")]
    [InlineData("SlowDown")]
    [InlineData("Hangs")]
    [InlineData("LosesAnswer")]
    [InlineData("Conflicts")]
    [InlineData("Precedes")]
    public async Task A_write_that_is_refused_late_or_not_answered_is_ours_all_the_same(string fault)
    {
        _s3.Fault = (number, _, _) => number == 1 ? Enum.Parse<S3Fault>(fault) : S3Fault.None;
        var draft = _store.NewDraft("work");
        await File.WriteAllTextAsync(draft, "result");

        (await _store.TryCommitAsync(draft, "a b+c#%d.png", default)).ShouldBeTrue();

        _s3.Keys("photos", "out/").ShouldBe(["a b+c#%d.png"]);
        (await _store.TryCommitAsync(draft, "a b+c#%d.png", default)).ShouldBeFalse();
        (await _store.Sha256Async("a b+c#%d.png", default)).ShouldBe(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("result"u8))
        );
        draft.ShouldStartWith(Scratch);
    }

    [Fact]
    public async Task A_key_that_another_has_is_told_as_that_after_one_try_and_never_as_a_failure()
    {
        _s3.Put("photos", "out/a", "theirs"u8.ToArray());
        var draft = _store.NewDraft("work");
        await File.WriteAllTextAsync(draft, "ours");

        (await _store.TryCommitAsync(draft, "a", default)).ShouldBeFalse();
        (await _store.TryWriteAsync("a", "ours"u8.ToArray(), default)).ShouldBeFalse();

        _s3.Requests["PUT"].ShouldBe(2);
        _s3.Content("photos", "out/a").ShouldBe("theirs"u8.ToArray());
    }

    [Fact]
    public async Task A_conflict_with_somebody_who_was_first_is_lost()
    {
        await _store.TryWriteAsync("a", new byte[1], default);
        _s3.Fault = (_, method, _) => method == "PUT" ? S3Fault.Conflicts : S3Fault.None;

        (await _store.TryWriteAsync("a", new byte[2], default)).ShouldBeFalse();
        var never = await Should.ThrowAsync<IOException>(() => _store.TryWriteAsync("b", new byte[2], default));

        never.Message.ShouldContain("others wrote and deleted it each time");
    }

    [Fact]
    public async Task A_list_of_many_pages_is_complete_and_a_folder_is_not_one_that_begins_like_it()
    {
        var names = Enumerable.Range(0, 30).Select(number => $"work/{number:00} & <ü>.json").ToList();
        foreach (var name in names.Append("work2/x").Append("w"))
        {
            _s3.Put("photos", $"out/{name}", Encoding.UTF8.GetBytes(name));
        }

        (await _store.ListAsync("work", default).ToListAsync()).ShouldBe(names, ignoreOrder: true);
        await _store.DeleteFolderAsync("work", default);

        _s3.Keys("photos", "").ShouldBe(["out/w", "out/work2/x"]);
    }

    [Fact]
    public async Task A_store_that_can_hold_results_is_left_as_it_was()
    {
        await _store.ValidateAsync(default);

        _s3.Keys("photos", "").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_that_replaces_objects_although_told_not_to_is_refused()
    {
        using var old = new S3Double { IgnoresConditions = true };
        using var client = old.Connect();

        var refused = await Should.ThrowAsync<StoreException>(() =>
            new S3Store(client, S3Address.Parse("s3://photos/out"), Scratch).ValidateAsync(default)
        );

        refused.Message.ShouldContain("replaces objects although it is told not to");
        old.Keys("photos", "").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_that_is_missing_is_named()
    {
        var refused = await Should.ThrowAsync<StoreException>(() => StoreAt("s3://missing/out").ValidateAsync(default));

        refused.Message.ShouldStartWith("s3://missing/out cannot hold results:");
        refused.Message.ShouldContain("NoSuchBucket");
        refused.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_store_that_is_away_for_long_is_told_apart_from_a_name_that_is_missing()
    {
        _s3.Fault = (_, _, _) => S3Fault.Conflicts;

        await Should.ThrowAsync<PlaceAwayException>(() => _store.ReadAsync("a", default));
        await Should.ThrowAsync<PlaceAwayException>(() => _store.ExistsAsync("a", default));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/../../../b")]
    [InlineData("/a")]
    [InlineData("")]
    public async Task A_name_that_leads_out_of_the_place_is_refused(string name)
    {
        var refused = await Should.ThrowAsync<StoreException>(() => _store.TryWriteAsync(name, new byte[1], default));

        refused.Message.ShouldContain("would lie outside of s3://photos/out.");
        _s3.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_photo_is_a_file_of_this_machine_for_the_time_of_its_work()
    {
        var photos = new S3Photos(_client, Scratch);
        _s3.Put("photos", "in/a.jpg", "photo"u8.ToArray());

        using (var photo = await photos.FetchAsync("s3://photos/in/a.jpg", default))
        {
            (await File.ReadAllTextAsync(photo.ShouldNotBeNull().Path)).ShouldBe("photo");
        }

        var state = await photos.FindAsync("s3://photos/in/a.jpg", default);
        state.ShouldBe(new PhotoState(5, S3Double.Written.UtcTicks));
        (await photos.FetchAsync("s3://photos/in/b.jpg", default)).ShouldBeNull();
        (await photos.FindAsync("s3://photos/in/b.jpg", default)).ShouldBeNull();
        Directory.EnumerateFiles(Scratch).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_photo_of_which_half_comes_is_no_photo_and_leaves_nothing()
    {
        _s3.Put("photos", "in/a.jpg", new byte[1 << 20]);
        _s3.Fault = (_, method, _) => method == "GET" ? S3Fault.Cuts : S3Fault.None;
        var photos = new S3Photos(_client, Scratch);

        await Should.ThrowAsync<IOException>(() => photos.FetchAsync("s3://photos/in/a.jpg", default));
        await Should.ThrowAsync<IOException>(() => photos.Sha256Async("s3://photos/in/a.jpg", default));

        Directory.EnumerateFiles(Scratch).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("s3://bucket", "s3://bucket", true)]
    [InlineData("s3://bucket/a/b/", "s3://bucket/a", true)]
    [InlineData("s3://bucket/ab", "s3://bucket/a", false)]
    [InlineData("s3://other/a/b", "s3://bucket/a", false)]
    public void A_place_is_inside_another_one_or_not(string inner, string outer, bool isInside) =>
        S3Address.Parse(outer).Contains(S3Address.Parse(inner)).ShouldBe(isInside);

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3:///a")]
    [InlineData("s3://bucket/a//b")]
    [InlineData("s3://bucket/../b")]
    public void What_names_no_place_is_refused(string text) =>
        Should.Throw<PlaceException>(() => S3Address.Parse(text)).Message.ShouldContain("names no place in a bucket");

    private S3Store StoreAt(string place) => new(_client, S3Address.Parse(place), Scratch);
}
