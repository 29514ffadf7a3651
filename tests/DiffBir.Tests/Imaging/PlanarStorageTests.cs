using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging;

public sealed class PlanarStorageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("diffbir-scratch-").FullName;

    private PlanarStorage OnDisk => new(maxBytesInMemory: 0, _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_large_image_lies_in_a_file_that_vanishes_with_it()
    {
        var storage = new PlanarStorage(maxBytesInMemory: 1000, _folder);

        using (var small = storage.Create(3, 5, 5))
        {
            Directory.GetFiles(_folder).ShouldBeEmpty();
        }

        var large = storage.Create(3, 10, 10);
        // Some systems hide a file that is deleted on close; where it shows, it must go.
        Directory.GetFiles(_folder).Length.ShouldBeLessThanOrEqualTo(1);
        large.ToTensor().Data.ShouldAllBe(value => value == 0);
        large.Dispose();
        Directory.GetFiles(_folder).ShouldBeEmpty();
    }

    [LinuxFact("Windows shows the name of a file that is deleted on close; it deletes it even where the process is killed.")]
    public void A_file_has_no_name_while_it_is_used_so_that_nothing_can_leave_it_behind()
    {
        using var image = OnDisk.Create(3, 10, 10);

        image.Write(2, 9, 9, [5]);

        Directory.GetFiles(_folder).ShouldBeEmpty();
        image.ToTensor().Data[^1].ShouldBe(5);
    }

    [Fact]
    public void What_processes_that_are_gone_left_is_cleared_up_and_nothing_else()
    {
        const int noProcess = int.MaxValue;
        var (machine, own) = (Environment.MachineName, Environment.ProcessId);
        var abandoned = Leave($"diffbir-{machine}-{noProcess}-0123456789abcdef.scratch");
        // The number of a process that is gone may be another's by now: this one's began after the file was written.
        var recycled = Leave($"diffbir-{machine}-{own}-0123456789abcdef.scratch");
        File.SetLastWriteTimeUtc(recycled, DateTime.UnixEpoch);
        string[] others =
        [
            Leave($"diffbir-{machine}-{own}-fedcba9876543210.scratch"),
            Leave($"diffbir-another-machine-{noProcess}-0123456789abcdef.scratch"),
            Leave($"diffbir-{machine}.scratch"),
            Leave($"diffbir-{machine}-{noProcess}-0123456789abcdef.png"),
        ];

        OnDisk.Create(3, 10, 10).Dispose();

        Directory.GetFiles(_folder).ShouldBe(others, ignoreOrder: true);

        string Leave(string name)
        {
            var path = Path.Combine(_folder, name);
            File.WriteAllText(path, "left");
            return path;
        }
    }

    [LinuxFact("Signals are tested on Linux.")]
    public async Task A_program_that_is_killed_leaves_no_scratch_files()
    {
        const int side = 1600; // more than what a limit of 512 MB keeps in memory
        var path = Path.Combine(_folder, "in.png");
        ImageFile.Write(Photo.Of(Pictures.Gradient(side, side)), path, new ImageEncoding(ImageFormat.Png));
        using var program = ObservedProgram.Start(
            isTraced: false,
            [
                "restore",
                path,
                "-o",
                Path.Combine(_folder, "out.png"),
                "--upscale",
                "1",
                "--max-memory",
                "512MB",
                "--device",
                "cpu",
            ]
        );
        await program.HearAsync("removing degradation");
        program.OpenScratchFiles.ShouldBePositive();

        await program.SignalAsync("KILL");

        await program.EndAsync();
        program.ScratchFiles.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_holds_what_memory_holds()
    {
        var image = Pictures.Gradient(37, 53);
        using var stored = OnDisk.Create(3, 37, 53);

        stored.WriteBox(0, 0, image);
        stored.WriteBox(20, 30, Framing.Crop(image, new(0, 0, 17, 23)));

        stored.ReadBox(20, 30, 17, 23).ShouldBeCloseTo(Framing.Crop(image, new(0, 0, 17, 23)), 0);
        stored.ReadBox(0, 0, 20, 53).ShouldBeCloseTo(Framing.Crop(image, new(0, 0, 20, 53)), 0);
    }

    [Fact]
    public void The_whole_way_through_files_equals_the_way_through_memory()
    {
        var path = Path.Combine(_folder, "in.png");
        ImageFile.Write(Photo.Of(Pictures.Gradient(90, 70)), path, new ImageEncoding(ImageFormat.Png));

        var expected = Restore(PlanarStorage.Memory);
        var actual = Restore(OnDisk);

        actual.ShouldBeCloseTo(expected, 0);

        Tensor Restore(PlanarStorage storage)
        {
            using var lq = ImageFile.Read(path, new ImageReadOptions { Storage = storage });
            using var clean = storage.Create(3, 360, 280);
            using var generated = storage.Create(3, 360, 280);
            var restored = storage.Create(3, 360, 280);
            Resampling.ResizeAsPillow(lq.Pixels, clean, PillowFilter.Bicubic);
            Resampling.Resize(lq.Pixels, generated, Interpolation.BicubicAntialiased);
            WaveletColorFix.Apply(restored, clean, generated);
            using var photo = lq.WithPixels(restored, storage);
            var output = Path.Combine(_folder, "out.png");
            ImageFile.Write(photo, output, new ImageEncoding(ImageFormat.Png));
            using var back = ImageFile.Read(output);
            return back.Pixels.ToTensor();
        }
    }

    [Fact]
    public void Several_threads_may_read_and_write_different_places()
    {
        var image = Pictures.Gradient(256, 64);
        using var stored = OnDisk.Create(3, 256, 64);

        Parallel.For(0, 32, strip => stored.WriteBox(strip * 8, 0, Framing.Crop(image, new(strip * 8, 0, 8, 64))));

        stored.ToTensor().ShouldBeCloseTo(image, 0);
    }

    [Fact]
    public void A_disk_without_room_is_named_before_any_work_is_done()
    {
        const int side = 1 << 20; // 12 TB

        Should
            .Throw<ImageException>(() => OnDisk.Create(3, side, side))
            .Message.ShouldStartWith($"A scratch file of 13,194,139 MB could not be made in {_folder}: ");
        Directory.GetFiles(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_place_outside_the_image_is_refused()
    {
        using var stored = OnDisk.Create(1, 4, 5);

        Should
            .Throw<ShapeException>(() => stored.Write(0, 3, 3, [1, 2, 3]))
            .Message.ShouldBe("3 values from row 3, column 3 of plane 0 leave the image of 1 planes of 5×4.");
        Should
            .Throw<ShapeException>(() => stored.ReadBox(0, 4, 1, 2))
            .Message.ShouldBe("The box of 2×1 at (4, 0) leaves the image of 5×4.");
        Should
            .Throw<ShapeException>(() => PlanarImage.Of(new Tensor(3, 4, 5)))
            .Message.ShouldBe("An image must be [B, C, H, W] with no empty axis, got [3, 4, 5].");
    }
}
