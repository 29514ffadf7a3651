using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Containers that lie about what they hold, and files that are no checkpoints.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private const int StorageBytes = 16;

    private readonly TemporaryFolder _folder = new();
    private readonly ScratchFile _scratch = new();

    public void Dispose()
    {
        _scratch.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_untouched_archive_opens() =>
        Checkpoint.Open(_folder.Write("x.pth", Torch().Build())).Tensors.Keys.ShouldBe(["a", "b"]);

    [Fact]
    public void Encrypted_entries_are_refused()
    {
        Refuse(With(Torch(), 1, part => part with { Flags = 1 })).ShouldContain("'archive/data/0' is encrypted");
        Refuse(With(Torch(), 0, part => part with { Flags = 1 })).ShouldContain("'archive/data.pkl' is encrypted");
    }

    [Fact]
    public void Compressed_entries_are_refused_so_that_no_zip_bomb_can_go_off()
    {
        const string Reason = "is compressed, but torch.save never compresses";
        Refuse(With(Torch(), 1, part => part with { Method = 8 })).ShouldContain(Reason);
        Refuse(With(Torch(), 0, part => part with { Method = 8, ClaimedSize = long.MaxValue, ClaimedStoredSize = 100 }))
            .ShouldContain("its pickle has 9223372036854775807 bytes");
        Refuse(With(Torch(), 0, part => part with { ClaimedStoredSize = 10 })).ShouldContain(Reason);
    }

    [Fact]
    public void Overlapping_entries_are_refused()
    {
        // The second storage is a part of the first: the trick of overlapping zip bombs.
        var inner = new ZipBuilder().Add("archive/data/1", new byte[StorageBytes]).Build();
        var pickle = new PickleBuilder()
            .Ops("}(")
            .Text("a")
            .Tensor(new PickledTensor("0", inner.Length, Type: "ByteStorage"))
            .Text("b")
            .Tensor("1", StorageBytes / sizeof(float))
            .Ops("u.");
        var zip = new ZipBuilder()
            .Add("archive/data.pkl", pickle.Build())
            .Add("archive/data/0", inner)
            .Add("archive/data/1", new byte[StorageBytes]);
        var innerOffset = zip.Build().AsSpan().IndexOf(inner);

        Refuse(With(zip, 2, part => part with { ClaimedOffset = innerOffset })).ShouldContain("overlaps another");
    }

    [Fact]
    public void Entries_out_of_range_are_refused()
    {
        Refuse(With(Torch(), 1, part => part with { ClaimedOffset = long.MaxValue })).ShouldContain("reaches beyond the data");
        Refuse(With(Torch(), 1, part => part with { ClaimedOffset = 1 << 20 })).ShouldContain("reaches beyond the data");
        Refuse(With(Torch(), 1, part => part with { ClaimedOffset = 7 }))
            .ShouldContain("points 'archive/data/0' to something else");
        Refuse(With(Torch(), 1, part => part with { ClaimedOffset = -1 })).ShouldContain("directory is malformed");
        Refuse(With(Torch(), 1, part => part with { LocalName = "archive/data/9" })).ShouldContain("to something else");
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        Refuse(With(Torch(), 1, part => part with { ClaimedSize = StorageBytes + 4 })).ShouldContain("but its pickle says 16");
        Refuse(With(Torch(), 1, part => part with { ClaimedSize = 1L << 40 })).ShouldContain("reaches beyond the data");
        Refuse(With(Torch(), 1, part => part with { Length = 12 })).ShouldContain("has 12 bytes, but its pickle says 16");
    }

    [Fact]
    public void Duplicate_names_are_refused() =>
        Refuse(Torch().Add("archive/data/0", new byte[StorageBytes])).ShouldContain("names 'archive/data/0' twice");

    [Fact]
    public void Two_pickles_are_one_too_many() =>
        Refuse(Torch().Add("other/data.pkl", [])).ShouldContain("with 2 data.pkl instead of one");

    [Fact]
    public void Other_archives_are_no_checkpoints()
    {
        Refuse(new ZipBuilder().Add("model/weights.pth", [1, 2])).ShouldContain("zip archive without a data.pkl");
        Refuse(new ZipBuilder().Add("a/b/data.pkl", [1, 2])).ShouldContain("zip archive without a data.pkl");
    }

    [Fact]
    public void Big_endian_files_are_refused() =>
        Refuse(Torch().Add("archive/byteorder", "big"u8.ToArray())).ShouldContain("big-endian");

    [Theory]
    [InlineData(100_001L, null, null)]
    [InlineData(long.MaxValue, null, null)]
    [InlineData(-1L, null, null)]
    [InlineData(3L, null, null)]
    [InlineData(null, 1L << 40, null)]
    [InlineData(null, long.MaxValue, null)]
    [InlineData(null, -5L, null)]
    [InlineData(null, null, 0L)]
    [InlineData(null, null, long.MaxValue)]
    [InlineData(null, null, long.MinValue)]
    public void A_lying_zip_directory_is_refused(long? count, long? size, long? offset)
    {
        var zip = new ZipBuilder
        {
            ClaimedCount = count,
            ClaimedDirectorySize = size,
            ClaimedDirectoryOffset = offset,
        };
        zip.Parts.AddRange(Torch().Parts);

        Refuse(zip).ShouldContain("zip directory");
    }

    [Fact]
    public void A_directory_of_a_million_entries_is_refused_unread()
    {
        var zip = new ZipBuilder
        {
            ClaimedCount = 1_000_000,
            ClaimedDirectorySize = 46_000_000,
            ClaimedDirectoryOffset = 0,
        };
        zip.Parts.Add(new ZipPart("archive/data.pkl", []) { Length = 50_000_000 });

        Refuse(zip).ShouldContain("zip directory");
    }

    [Theory]
    [InlineData("odd_tensors.pth")]
    [InlineData("odd_tensors_protocol4.pth")]
    [InlineData("odd_tensors_legacy.pth")]
    [InlineData("odd_tensors.safetensors")]
    public void A_file_cut_off_anywhere_is_refused(string name)
    {
        var whole = File.ReadAllBytes(Golden.PathOf($"checkpoints/{name}"));
        for (var length = 0; length < whole.Length; length++)
        {
            Refuse(whole.AsSpan(0, length)).ShouldNotBeEmpty();
        }
    }

    public static TheoryData<string, string> LyingHeaders =>
        new()
        {
            { "[]", "neither a PyTorch checkpoint" },
            { "{", "not the JSON" },
            { "{}x", "not the JSON" },
            { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},}""", "not the JSON" },
            { """{"a":1}""", "not the JSON" },
            { """{"a":{"dtype":"F32","shape":[1]}}""", "lacks its dtype, shape or data_offsets" },
            { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "lacks its dtype, shape or data_offsets" },
            { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", "unknown or repeated field 'x'" },
            { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "repeated field 'dtype'" },
            { """{"a":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[0,4]}}""", "elements of type 'F8_E5M2'" },
            { """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "not the JSON" },
            { """{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}""", "not the JSON" },
            { """{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", "not the JSON" },
            { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "does not fit its bytes" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "does not fit its bytes" },
            { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "does not fit its bytes" },
            { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "does not fit its bytes" },
            { """{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "does not fit its bytes" },
            { """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", "does not fit its bytes" },
            { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", "tensors end at byte" },
            { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "neither overlap nor leave gaps" },
            {
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""",
                "neither overlap nor leave gaps"
            },
            {
                """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
                "names 'a' twice"
            },
            { """{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "not the JSON" },
            {
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"d":{"d":{"d":{"d":{}}}}}}""",
                "unknown or repeated field"
            },
            { """{"__metadata__":{"k":{"k":{"k":{"k":{"k":{}}}}}}}""", "not the JSON" },
            { """{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "not the JSON" },
        };

    [Theory]
    [MemberData(nameof(LyingHeaders))]
    public void A_lying_safetensors_header_is_refused(string header, string reason)
    {
        var json = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes((long)json.Length), .. json, 1, 2, 3, 4];

        Refuse(file).ShouldContain(reason);
    }

    [Theory]
    [InlineData(1L << 40)]
    [InlineData((1L << 56) - 1)]
    [InlineData(100L)]
    public void A_safetensors_header_longer_than_the_file_is_refused_unread(long length) =>
        Refuse([.. BitConverter.GetBytes(length), .. "{}"u8]).ShouldContain("its safetensors header claims");

    public static TheoryData<string, byte[]> Strangers =>
        new()
        {
            { "is empty", [] },
            { "web page", "<!DOCTYPE html><html>Too many requests"u8.ToArray() },
            { "Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray() },
            { "tar archive", [.. new byte[257], .. "ustar\000"u8, .. new byte[250]] },
            { "neither a PyTorch checkpoint", [0x89, .. "PNG\r\n"u8] },
            { "neither a PyTorch checkpoint", [0] },
            { "zip directory is missing", "PK\u0003\u0004"u8.ToArray() },
            { "zip directory is missing", "PK\u0005\u0006"u8.ToArray() },
            { "not one of torch.save", [0x80, 2, (byte)'N', (byte)'.'] },
            { "ends too early", [0x80] },
        };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void What_is_no_checkpoint_is_named(string reason, byte[] content) => Refuse(content).ShouldContain(reason);

    [Fact]
    public void A_path_that_cannot_be_opened_is_named()
    {
        Should
            .Throw<CheckpointException>(() => Checkpoint.Open(_folder.File("absent.pth")))
            .Message.ShouldContain("does not exist");
        Should.Throw<CheckpointException>(() => Checkpoint.Open(_folder.Path)).Message.ShouldContain("is a folder");
        Should.Throw<CheckpointException>(() => Checkpoint.Open("a\0b")).Message.ShouldContain("cannot be read");
    }

    [Fact]
    public void A_file_that_shrinks_after_it_was_opened_is_reported()
    {
        var path = _folder.Write("x.pth", Torch().Build());
        var checkpoint = Checkpoint.Open(path);
        File.WriteAllText(path, "gone");

        Should.Throw<CheckpointException>(() => checkpoint.Read("a")).Message.ShouldContain("tensor 'a'");
        Should.Throw<CheckpointException>(() => checkpoint.Read("c")).Message.ShouldContain("no tensor 'c'");
    }

    private static ZipBuilder Torch() =>
        ZipBuilder.Torch(PickleBuilder.StateDict(("a", 4), ("b", 4)), StorageBytes, StorageBytes);

    private static ZipBuilder With(ZipBuilder zip, int part, Func<ZipPart, ZipPart> change)
    {
        zip.Parts[part] = change(zip.Parts[part]);
        return zip;
    }

    private string Refuse(ZipBuilder zip) => Refuse(zip.Build());

    private string Refuse(ReadOnlySpan<byte> content)
    {
        var path = _scratch.Replace(content);
        return Should.Throw<CheckpointException>(() => Checkpoint.Open(path)).Message;
    }
}
