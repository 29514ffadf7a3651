using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Randomness;

namespace DiffBir.Restoration;

/// <summary>
/// The original's: the result's shorter side has 512 pixels at least, one generator serves all faces and then the background, and
/// everything is cut to 8 bits on its way.
/// </summary>
internal sealed class OriginalFaceConventions(
    RestorationSettings settings,
    PlanarStorage storage,
    Func<long, INoiseSource> generator
) : FaceConventions(settings, storage, generator)
{
    /// <inheritdoc/>
    public override Size OutputSize(Size photo)
    {
        var (asked, factor) = WorkingSize(photo);
        return OpenCvResizer.SizeBy(factor, asked);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FaceDetection> Find(FaceNetworks networks, Photo lq, CancellationToken cancellation)
    {
        using var working = Enlarge(lq);
        var (horizontal, vertical) = (lq.Width / (double)working.Width, lq.Height / (double)working.Height);
        return
        [
            .. networks
                .RetinaFaceDetector.DetectAsOriginal(working.ToTensor(), cancellation)
                .Select(face =>
                    face.Scaled(horizontal, vertical) with
                    {
                        Landmarks = face.Landmarks.Resized(horizontal, vertical),
                    }
                ),
        ];
    }

    /// <summary>The photo at the size where everything happens.</summary>
    public override PlanarImage Enlarge(Photo lq)
    {
        var (size, factor) = WorkingSize(lq.Size);
        var enlarged = lq.ResizedPixels(size, Storage);
        if (factor == 1)
        {
            return enlarged;
        }

        using (enlarged)
        {
            return PlanarImage.Of(OpenCvResizer.Resize(enlarged.ToTensor(), factor));
        }
    }

    /// <inheritdoc/>
    public override FaceNoise NoiseOfPhoto()
    {
        var one = Generator(Settings.Seed);
        return new(_ => one, () => one);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Photo> Faces(IReadOnlyList<Photo> restored) => InBytes(restored);

    /// <inheritdoc/>
    public override IReadOnlyList<Photo> Backgrounds(IReadOnlyList<Photo> restored) => [.. InBytes(restored).Select(Fitted)];

    private static IReadOnlyList<Photo> InBytes(IReadOnlyList<Photo> photos)
    {
        foreach (var photo in photos)
        {
            Quantization.OnBytes(photo.Pixels, Rounding.Truncate);
        }

        return photos;
    }

    private static Photo Fitted(Photo background)
    {
        var factor = Factor(background.Size);
        if (factor == 1)
        {
            return background;
        }

        using (background)
        {
            var (height, width) = OpenCvResizer.SizeBy(factor, background.Size);
            var pixels = OpenCvResizer.ResizeByLanczos(background.Pixels.ToTensor(), height, width);
            return background.WithPixels(PlanarImage.Of(pixels));
        }
    }

    /// <summary>The size that was asked for, and how much larger it is made.</summary>
    private (Size Asked, double Factor) WorkingSize(Size photo)
    {
        var asked = Settings.OutputSize(photo);
        return (asked, Factor(asked));
    }

    private static double Factor(Size size) => Math.Max(1, FaceAlignment.Side / (double)size.Shorter);
}
