using DiffBir.Imaging;
using DiffBir.Packs;

namespace DiffBir.Restoration.Stages;

/// <summary>Brings the clean image to what the autoencoder encodes: enlarged where it is too small, gray around it to whole latent pixels.</summary>
/// <param name="pack">The networks.</param>
internal sealed class EncoderInputStage(ModelPack pack) : IStage
{
    private const float Gray = 0.5f; // 0 in the networks' range: HYPIR pads behind the change of range

    public RestorationStage? Kind => null;

    public void Run(RestorationRun run)
    {
        var size = run.Sizes.Encoded;
        var padded = EncodingStage.EncodedSize(pack, run.Plan, run.Sizes);
        if (run.Clean.Size == padded)
        {
            return;
        }

        if (size == padded)
        {
            run.EncoderInput = Resized(run, size);
            return;
        }

        using var resized = Resized(run, size);
        run.EncoderInput = run.Storage.Create(resized.Planes, padded.Height, padded.Width, image => Frame(resized, image));
    }

    private static PlanarImage Resized(RestorationRun run, Size size) =>
        run.Storage.Create(
            run.Clean.Planes,
            size.Height,
            size.Width,
            image => Resampling.Resize(run.Clean, image, Interpolation.BicubicAntialiased)
        );

    private static void Frame(PlanarImage image, PlanarImage framed)
    {
        var line = new float[framed.Width];
        for (var row = 0; row < framed.Planes * framed.Height; row++)
        {
            var (plane, y) = (row / framed.Height, row % framed.Height);
            line.AsSpan().Fill(Gray);
            if (y < image.Height)
            {
                image.Read(plane, y, 0, line.AsSpan(0, image.Width));
            }

            framed.Write(plane, y, 0, line);
        }
    }
}
