using DiffBir.Checkpoints;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tensor_is_made_when_its_turn_comes()
    {
        using var file = new MemoryStream();
        var lengths = new List<long>(); // of the file when each tensor is made
        SafetensorsEntry Entry(string name) =>
            SafetensorsEntry.Of(
                name,
                [16L],
                () =>
                {
                    lengths.Add(file.Length);
                    return new Tensor(16);
                },
                ElementType.Float16
            );

        SafetensorsWriter.Write(file, [Entry("a"), Entry("b"), Entry("c")]);

        lengths.Count.ShouldBe(3);
        (lengths[1] - lengths[0]).ShouldBe(16 * sizeof(ushort));
        (lengths[2] - lengths[1]).ShouldBe(16 * sizeof(ushort));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var path = _folder.File("all.safetensors");
        var floats = new Tensor([1f, -2.5f, 3e-8f, float.PositiveInfinity, float.NaN, 0f], 2, 3);
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["note"] = "ä \"quoted\"" };

        SafetensorsWriter.Write(
            path,
            [
                SafetensorsEntry.Of("f32", floats),
                SafetensorsEntry.Of("f16", floats, ElementType.Float16),
                SafetensorsEntry.Of("bf16", floats, ElementType.BFloat16),
                SafetensorsEntry.Of("i64", [long.MaxValue, -1], 2, 1),
                SafetensorsEntry.Of("empty", new Tensor(0, 4)),
                SafetensorsEntry.Of("scalar", new Tensor([7f])),
            ],
            metadata
        );

        var read = Checkpoint.Open(path);
        read.Format.ShouldBe(CheckpointFormat.Safetensors);
        read.Metadata.ShouldBe(metadata, ignoreOrder: true);
        read.Read("f32").Data.ShouldBe(floats.Data);
        read.Read("f16").Data.ShouldBe(Array.ConvertAll(floats.Data, x => (float)(Half)x));
        read.Read("bf16").Data.ShouldBe([1f, -2.5f, 3.003515303e-8f, float.PositiveInfinity, float.NaN, 0f]);
        read.ReadIntegers("i64").ShouldBe([long.MaxValue, -1]);
        read.Tensors["i64"].Shape.ShouldBe([2, 1]);
        read.Read("empty").Shape.ToArray().ShouldBe([0, 4]);
        read.Read("scalar").Rank.ShouldBe(0);
        read.Read("scalar").Data.ShouldBe([7f]);
    }

    [Fact]
    public void The_same_tensors_in_another_order_give_the_same_bytes()
    {
        SafetensorsEntry[] entries =
        [
            SafetensorsEntry.Of("b", new Tensor([1f, 2f], 2)),
            SafetensorsEntry.Of("a", [3], 1),
            SafetensorsEntry.Of("c", new Tensor(32)),
        ];
        var first = new MemoryStream();
        var second = new MemoryStream();
        SafetensorsWriter.Write(first, entries);
        SafetensorsWriter.Write(second, entries.Reverse());

        second.ToArray().ShouldBe(first.ToArray());
    }

    [Fact]
    public void Written_tensors_are_aligned_to_their_elements_and_the_large_ones_to_64_bytes()
    {
        var path = _folder.File("aligned.safetensors");
        SafetensorsWriter.Write(
            path,
            [
                SafetensorsEntry.Of("odd halves", new Tensor(3), ElementType.Float16),
                SafetensorsEntry.Of("weight", new Tensor(320, 4)),
                SafetensorsEntry.Of("bias", new Tensor(5)),
                SafetensorsEntry.Of("count", [1], 1),
                SafetensorsEntry.Of("weight 2", new Tensor(64), ElementType.BFloat16),
            ]
        );

        var tensors = Checkpoint.Open(path).Tensors;
        tensors.Values.ShouldAllBe(t => t.IsAligned && t.IsContiguous);
        (tensors["weight"].Offset % 64).ShouldBe(0);
        (tensors["weight 2"].Offset % 64).ShouldBe(0);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder.Write("kept.safetensors", "old"u8);

        Should.Throw<InvalidOperationException>(() =>
            SafetensorsWriter.Write(path, [new SafetensorsEntry("liar", ElementType.Int8, [2], s => s.WriteByte(1))])
        );

        File.ReadAllText(path).ShouldBe("old");
        Directory.GetFiles(_folder.Path).Length.ShouldBe(1);
    }

    [Fact]
    public void Two_tensors_of_one_name_are_not_written()
    {
        SafetensorsEntry[] entries = [SafetensorsEntry.Of("a", new Tensor(1)), SafetensorsEntry.Of("a", new Tensor(2))];

        Should
            .Throw<CheckpointException>(() => SafetensorsWriter.Write(new MemoryStream(), entries))
            .Message.ShouldContain("'a'");
    }

    [Fact]
    public void A_prefix_of_all_names_from_parallel_training_is_cut()
    {
        var path = _folder.File("module.safetensors");
        SafetensorsWriter.Write(
            path,
            [SafetensorsEntry.Of("module.conv.weight", new Tensor(1)), SafetensorsEntry.Of("module.conv.bias", new Tensor(1))]
        );

        Checkpoint.Open(path).Tensors.Keys.ShouldBe(["conv.weight", "conv.bias"], ignoreOrder: true);
    }

    [ParityTheory]
    [InlineData("schedules")]
    [InlineData("vae")]
    [InlineData("tokenizer")]
    public void Files_of_the_formats_own_library_are_read(string name)
    {
        var expected = Parity.Fixture(name);

        var actual = Checkpoint.Open(Parity.PathOf($"parity/fixtures/{name}.safetensors"));

        actual.Tensors.Keys.ShouldBe(expected.Names, ignoreOrder: true);
        foreach (var tensor in actual.Tensors.Keys)
        {
            actual.ReadDoubles(tensor).ShouldBe(expected.Doubles(tensor));
            actual.Read(tensor).ShouldBeCloseTo(expected[tensor], tolerance: 0);
        }
    }
}
