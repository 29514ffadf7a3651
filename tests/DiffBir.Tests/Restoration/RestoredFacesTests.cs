using DiffBir.Engine;
using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Tests.Faces.Cascades;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Restoration;

/// <summary>Where restored faces wait for their background, and what is kept from photo to photo.</summary>
public sealed class RestoredFacesTests
{
    private const int Side = 320;
    private const int FaceSide = 32;

    // Images of up to 8 MB stay in memory; a face has 3 MB.
    private const long Little = 256_000_000;

    // So little that every image lies in a scratch file, and is counted.
    private const long NoMemory = 1;

    [Fact]
    public void Many_faces_wait_in_a_file_from_which_they_come_as_they_were()
    {
        using var restorer = Restorer(MemoryLimit.Of(Little));
        using var lq = Photo.Of(Pictures.Gradient(Side, Side));

        var (two, inMemory) = Restore(restorer, lq, faces: 2);
        var (three, inFile) = Restore(restorer, lq, faces: 3);

        using (two)
        using (three)
        {
            (inMemory, inFile).ShouldBe((0, 1), "Scratch files while the background is restored");
            const int Beside = (2 * FaceSide) - 4; // the third face begins further to the right
            var expected = two.Pixels.ReadBox(0, 0, FaceSide, Beside);
            three.Pixels.ReadBox(0, 0, FaceSide, Beside).ShouldBeCloseTo(expected, 0);
        }

        restorer.ReadOptions.Storage!.ScratchImages.ShouldBe(0, "Afterwards");
    }

    [Fact]
    public void No_face_is_kept_alive_by_itself()
    {
        using var restorer = Restorer(MemoryLimit.Of(NoMemory));
        using var lq = Photo.Of(Pictures.Gradient(Side, Side));

        var (result, kept) = Restore(restorer, lq, faces: 1);
        var (other, keptOfMore) = Restore(restorer, lq, faces: 3);

        keptOfMore.ShouldBe(kept);
        restorer.ReadOptions.Storage!.ScratchImages.ShouldBe(0, "Afterwards");
        result.Dispose();
        other.Dispose();
    }

    [Fact]
    public void Cascades_are_read_once_for_many_photos()
    {
        using var folder = new TemporaryFolder();
        var cascade = SyntheticCascades.Write(folder);
        using var restorer = Restorer(MemoryLimit.Of(Little), new() { Restore = true, Cascade = cascade });
        using var lq = Photo.Of(SyntheticCascades.PictureOfFace());
        var heard = new List<string>();
        var events = new RestorationEvents { OnDecision = heard.Add };

        restorer.Restore(lq, events).ShouldHaveSingleItem().Dispose();
        File.WriteAllText(cascade, "no cascade any more");
        restorer.Restore(lq, events).ShouldHaveSingleItem().Dispose();

        heard.Count(text => text == "Found 1 face.").ShouldBe(2);
    }

    /// <summary>The result, and how many scratch files of faces there are while the background is restored.</summary>
    private static (Photo Result, int Kept) Restore(FaceRestorer restorer, Photo lq, int faces)
    {
        var kept = 0;
        var events = new RestorationEvents
        {
            OnProgress = progress =>
                kept = progress.Face == 0 ? Math.Max(kept, restorer.ReadOptions.Storage!.ScratchImages) : kept,
        };
        return (restorer.Restore(lq, Faces(faces), events).ShouldHaveSingleItem(), kept);
    }

    private static FaceRestorer Restorer(MemoryLimit limit, FaceOptions? faces = null)
    {
        var pack = PackCatalog.Find("mini");
        var options = new RestorationOptions
        {
            Stage1Only = true,
            Upscale = 1,
            Faces = faces ?? new(),
            Engine = new() { Device = Device.Cpu, Threads = 1 },
        };
        var settings = options.Settle(pack);
        return new FaceRestorer(pack, settings with { Tiling = settings.Tiling with { MemoryLimit = limit } });
    }

    /// <summary>Faces side by side.</summary>
    private static IReadOnlyList<FaceLandmarks> Faces(int count)
    {
        const double Scale = FaceSide / (double)FaceAlignment.Side;
        return [.. Enumerable.Range(0, count).Select(Face)];

        static FaceLandmarks Face(int index)
        {
            var (left, top) = (index % (Side / FaceSide) * FaceSide, index / (Side / FaceSide) * FaceSide);
            return FaceLandmarks.Of([
                .. FaceAlignment.Template.Points.Select(p => new FacePoint(left + (p.X * Scale), top + (p.Y * Scale))),
            ]);
        }
    }
}
