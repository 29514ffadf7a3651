using System.IO.Hashing;
using DiffBir.Files;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Files;

public sealed class FileHashTests : IDisposable
{
    private const int Part = 1 << 26;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Part)]
    [InlineData((2 * Part) + 12_345)]
    public void A_file_is_known_by_the_hash_of_its_parts_hashes(int length)
    {
        var path = Written(length, out var content);
        byte[] hashes = [.. content.Chunk(Part).SelectMany(part => XxHash128.Hash(part))];

        FileHash
            .Xxh128OfParts(path, threads: 2, CancellationToken.None)
            .ShouldBe(Convert.ToHexStringLower(XxHash128.Hash(hashes)));
    }

    [Fact]
    public void A_change_in_the_last_part_is_seen()
    {
        var path = Written(Part + 5, out var content);
        var before = FileHash.Xxh128OfParts(path, threads: 2, CancellationToken.None);

        content[^1] ^= 1;
        File.WriteAllBytes(path, content);

        FileHash.Xxh128OfParts(path, threads: 2, CancellationToken.None).ShouldNotBe(before);
    }

    [Fact]
    public void A_missing_file_and_a_cancellation_are_what_they_are()
    {
        Should.Throw<FileNotFoundException>(() => FileHash.Xxh128OfParts(_folder.File("none"), 2, CancellationToken.None));
        var path = Written(10, out _);
        Should.Throw<OperationCanceledException>(() => FileHash.Xxh128OfParts(path, 2, new CancellationToken(canceled: true)));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private string Written(int length, out byte[] content)
    {
        content = new byte[length];
        for (var index = 0; index < length; index++)
        {
            content[index] = (byte)((index * 31) ^ (index / Part)); // no two parts alike
        }

        var path = _folder.File("file");
        File.WriteAllBytes(path, content);
        return path;
    }
}
