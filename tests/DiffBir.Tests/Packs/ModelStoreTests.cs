using DiffBir.Packs;
using DiffBir.Packs.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

public sealed class ModelStoreTests : IDisposable
{
    private static readonly byte[] Content = DownloadBench.MakeContent(seed: 1);
    private static readonly byte[] Other = DownloadBench.MakeContent(seed: 2);
    private static readonly PackFile Plain = new() { Name = "a.bin" };

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _usb = new();

    private ModelStore Store => new(_folder.Path);

    public void Dispose()
    {
        _folder.Dispose();
        _usb.Dispose();
    }

    [Fact]
    public async Task Without_any_checksum_a_file_is_recorded_once_and_checked_ever_after()
    {
        _folder.Write("a.bin", Content);
        (await Store.VerifyAsync(Plain)).State.ShouldBe(FileState.Unrecorded);

        await Store.ImportAsync(Plain, _usb.Path);
        (await Store.VerifyAsync(Plain)).State.ShouldBe(FileState.Sound);

        _folder.Write("a.bin", Other);
        var check = await Store.VerifyAsync(Plain);
        check.State.ShouldBe(FileState.WrongChecksum);
        check.Problem!.ShouldContain("damaged");
    }

    [Fact]
    public async Task The_record_is_readable_and_says_where_the_file_came_from()
    {
        _usb.Write("a.bin", Content);

        await Store.ImportAsync(Plain, _usb.Path);

        var record = File.ReadAllText(_folder.File("checksums.json"));
        record.ShouldContain(DownloadBench.Sha256(Content));
        record.ShouldContain(_usb.File("a.bin"));
        record.ShouldContain("1000000");
    }

    [Fact]
    public async Task A_published_checksum_counts_more_than_the_record()
    {
        _folder.Write("a.bin", Content);
        await Store.ImportAsync(Plain, _usb.Path);

        var published = Plain with { Sha256 = DownloadBench.Sha256(Other) };

        (await Store.VerifyAsync(published)).State.ShouldBe(FileState.WrongChecksum);
    }

    [Fact]
    public async Task A_wrong_file_in_its_place_is_never_replaced_silently()
    {
        _folder.Write("a.bin", Other);
        _usb.Write("a.bin", Content);
        var published = Plain with { Sha256 = DownloadBench.Sha256(Content) };

        var error = await Should.ThrowAsync<PackException>(() => Store.ImportAsync(published, _usb.Path));

        error.Message.ShouldContain("Move it away");
        File.ReadAllBytes(_folder.File("a.bin")).ShouldBe(Other);
    }

    [Fact]
    public async Task A_file_of_another_size_is_told_without_reading_it()
    {
        _folder.Write("a.bin", Content);

        var check = await Store.VerifyAsync(Plain with { Size = 17 });

        check.State.ShouldBe(FileState.WrongSize);
        check.Problem!.ShouldContain("1,000,000 bytes instead of 17");
    }

    [Fact]
    public async Task A_missing_file_is_missing() => (await Store.VerifyAsync(Plain)).Problem!.ShouldEndWith("a.bin is missing.");

    [Fact]
    public async Task An_import_checks_before_it_takes()
    {
        _usb.Write("a.bin", Other);
        var published = Plain with { Sha256 = DownloadBench.Sha256(Content) };

        await Should.ThrowAsync<PackException>(() => Store.ImportAsync(published, _usb.Path));

        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_import_takes_no_space_on_the_same_drive()
    {
        _usb.Write("a.bin", Content);
        await Store.ImportAsync(Plain, _usb.Path);

        // One file under two names: what is added under one is seen under the other.
        await File.AppendAllTextAsync(_usb.File("a.bin"), "x");

        new FileInfo(_folder.File("a.bin")).Length.ShouldBe(Content.Length + 1);
    }

    [Fact]
    public async Task A_folder_without_the_file_is_named() =>
        (await Should.ThrowAsync<PackException>(() => Store.ImportAsync(Plain, _usb.Path))).Message.ShouldContain("has no a.bin");

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"a.bin": null}""")]
    [InlineData("""{"a.bin": {"sha256": null, "size": 1}}""")]
    [InlineData("""{"a.bin": {"sha256": 5}}""")]
    public async Task A_broken_record_is_reported_with_the_remedy(string json)
    {
        _folder.Write("a.bin", Content);
        _folder.Write("checksums.json", System.Text.Encoding.UTF8.GetBytes(json));

        (await Should.ThrowAsync<PackException>(() => Store.VerifyAsync(Plain))).Message.ShouldContain("Repair it, or delete it");
    }

    [Theory]
    [InlineData("../outside.bin")]
    [InlineData("sub/../../outside.bin")]
    public void A_file_is_never_written_outside_of_the_folder(string path) =>
        Should.Throw<PackException>(() => Store.PathOf(Plain with { Path = path })).Message.ShouldContain("outside");

    [Fact]
    public async Task A_file_may_lie_in_a_folder_of_the_pack()
    {
        _usb.Write("a.bin", Content);

        var pulled = await Store.ImportAsync(Plain with { Path = "deep/er/a.bin" }, _usb.Path);

        pulled.Path.ShouldBe(_folder.File("deep/er/a.bin"));
        File.Exists(pulled.Path).ShouldBeTrue();
    }
}
