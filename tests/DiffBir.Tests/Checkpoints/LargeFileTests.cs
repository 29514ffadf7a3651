using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Files of 5 GB that are nearly all hole, so that they take no room.</summary>
public sealed class LargeFileTests : IDisposable
{
    private const int Tensors = 1000;
    private const long Elements = 1_250_000; // 1000 tensors of 5 MB: 5 GB
    private const long AllowedBytes = 4 << 20; // a thousandth of the file; its index takes about 1 MB
    private const long AllowedMilliseconds = 500;
    private const int Tries = 3; // other tests run at the same time

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Opening_a_PyTorch_file_of_5_GB_reads_its_index_only()
    {
        var path = _folder.File("large.ckpt");
        var names = Enumerable.Range(0, Tensors).Select(i => ($"layer.{i}.weight", Elements));
        var zip = ZipBuilder.Torch(
            PickleBuilder.StateDict([.. names]),
            [.. Enumerable.Repeat(Elements * sizeof(float), Tensors)]
        );
        using (var stream = File.Create(path))
        {
            zip.WriteTo(stream);
        }

        OpensAtOnce(path);
    }

    [Fact]
    public void Opening_a_safetensors_file_of_5_GB_reads_its_header_only()
    {
        var path = _folder.File("large.safetensors");
        var tensors = Enumerable
            .Range(0, Tensors)
            .ToDictionary(
                i => $"layer.{i}.weight",
                i => new
                {
                    dtype = "F32",
                    shape = new[] { Elements },
                    data_offsets = new[] { i * Elements * 4, (i + 1) * Elements * 4 },
                }
            );
        var header = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(tensors));
        using (var stream = File.Create(path))
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            stream.SetLength(stream.Position + (Tensors * Elements * 4));
        }

        OpensAtOnce(path);
    }

    private static void OpensAtOnce(string path)
    {
        var checkpoint = Checkpoint.Open(path); // the first time compiles the code
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var quickest = long.MaxValue;
        for (var i = 0; i < Tries; i++)
        {
            var clock = Stopwatch.StartNew();
            checkpoint = Checkpoint.Open(path);
            quickest = Math.Min(quickest, clock.ElapsedMilliseconds);
        }

        allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Tries;
        new FileInfo(path).Length.ShouldBeGreaterThan(5_000_000_000);
        quickest.ShouldBeLessThan(AllowedMilliseconds);
        allocated.ShouldBeLessThan(AllowedBytes);

        var last = checkpoint.Tensors[$"layer.{Tensors - 1}.weight"];
        last.Offset.ShouldBeGreaterThan(4_990_000_000);
        last.Length.ShouldBe(Elements * sizeof(float));
        checkpoint.Read(last.Name).Length.ShouldBe((int)Elements);
    }
}
