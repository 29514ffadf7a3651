using DiffBir.Imaging;
using NetVips;

namespace DiffBir.Tests.Imaging;

/// <summary>Runs alone: the counts are the whole process's.</summary>
[CollectionDefinition(nameof(NativeMemoryTests), DisableParallelization = true)]
[Collection(nameof(NativeMemoryTests))]
public sealed class NativeMemoryTests
{
    private const int Rounds = 12;

    private static readonly TimeSpan ThreadsEnd = TimeSpan.FromSeconds(5);

    [Fact]
    public void Neither_success_nor_failure_leaves_native_memory_behind()
    {
        ReadAndWriteEverything(); // tables that libvips makes once
        var (bytes, blocks) = (Stats.Mem, Stats.Allocations);

        for (var round = 0; round < Rounds; round++)
        {
            ReadAndWriteEverything();
        }

        // No finalizer helps here: what a call makes, the call frees, but for the buffers of libvips's threads, which go with them.
        SpinWait.SpinUntil(() => Stats.Allocations <= blocks, ThreadsEnd);
        Stats.Allocations.ShouldBeLessThanOrEqualTo(blocks);
        Stats.Mem.ShouldBeLessThanOrEqualTo(bytes);
        Stats.Files.ShouldBe(0);
    }

    private static void ReadAndWriteEverything()
    {
        foreach (var format in Enum.GetValues<ImageFormat>().Where(format => format.IsWritten()))
        {
            using var photo = Photo.Of(Pictures.Gradient(50, 60));
            using var stream = new MemoryStream();
            ImageFile.Write(photo, stream, new ImageEncoding(format));
            stream.Position = 0;
            ImageFile.Read(stream, "whole").Dispose();
            stream.SetLength(stream.Length / 2);
            Should.Throw<ImageException>(() => ImageFile.Read(stream, "half"));
            using var cancelled = new CancellationTokenSource();
            cancelled.Cancel();
            Should.Throw<OperationCanceledException>(() =>
                ImageFile.Write(photo, new MemoryStream(), new ImageEncoding(format), cancelled.Token)
            );
        }
    }
}
