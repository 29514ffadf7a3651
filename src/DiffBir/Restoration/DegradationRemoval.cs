using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>Stage 1: removes noise, blur and artifacts; the result is smooth and faithful.</summary>
internal sealed class DegradationRemoval : IDisposable
{
    private readonly Stage1Source _source;
    private readonly CleanSize _size;
    private readonly ImageNetwork _network;

    /// <summary>Describes the stage; nothing is loaded yet.</summary>
    /// <param name="source">The network.</param>
    /// <param name="minimumSide">The shortest side that stage 2 was made for.</param>
    /// <param name="files">Where the weights are.</param>
    /// <param name="options">Where and how the network runs.</param>
    public DegradationRemoval(Stage1Source source, int minimumSide, PackFiles files, EngineOptions options)
    {
        (_source, _size) = (source, new CleanSize(source, minimumSide));
        _network = new ImageNetwork(source, files, options);
    }

    /// <summary>Cleans a photo.</summary>
    /// <param name="lq">The photo.</param>
    /// <param name="output">The size of the final output.</param>
    /// <param name="pass">How to cut large images.</param>
    /// <param name="storage">Where whole images go.</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>
    /// The clean image, not clamped, as large as the output; where that would be too small for stage 2, its shorter side has
    /// the minimum's length.
    /// </returns>
    public PlanarImage Clean(
        Photo lq,
        (int Height, int Width) output,
        TilePass pass,
        PlanarStorage storage,
        CancellationToken cancellation
    )
    {
        var input = _source.Scale == 1 ? Enlarge(lq, output, storage) : lq.Pixels;
        try
        {
            pass = pass.For(input.Height, input.Width);
            // SwinIR was trained at full size and gets the small image enlarged; with tiles, the original enlarges afterwards.
            if (_source.EnlargesFirst && pass.Size is null)
            {
                var enlarged = Resized(input, _size.EnlargedToMinimum(input.Height, input.Width), storage);
                if (input != lq.Pixels && input != enlarged)
                {
                    input.Dispose();
                }

                input = enlarged;
            }

            var clean = _network.Apply(input, pass, storage, cancellation);
            var size = _size.BehindNetwork(clean.Height, clean.Width, output.Height, output.Width);
            if ((clean.Height, clean.Width) == size)
            {
                return clean;
            }

            using (clean)
            {
                return Resized(clean, size, storage);
            }
        }
        finally
        {
            if (input != lq.Pixels)
            {
                input.Dispose();
            }
        }
    }

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    // As the original resizes before stage 1: by Pillow, in 8 bits. A 16-bit photo keeps its precision instead.
    internal static PlanarImage Enlarge(Photo lq, (int Height, int Width) size, PlanarStorage storage) =>
        storage.Create(
            3,
            size.Height,
            size.Width,
            enlarged =>
            {
                if (lq.Depth == BitDepth.Eight)
                {
                    Resampling.ResizeAsPillow(lq.Pixels, enlarged, PillowFilter.Bicubic);
                }
                else
                {
                    Resampling.Resize(lq.Pixels, enlarged, Interpolation.BicubicAntialiased);
                }
            }
        );

    /// <summary>An image of another size; the image itself where it has that size.</summary>
    private static PlanarImage Resized(PlanarImage image, (int Height, int Width) size, PlanarStorage storage) =>
        (image.Height, image.Width) == size
            ? image
            : storage.Create(
                image.Planes,
                size.Height,
                size.Width,
                resized => Resampling.Resize(image, resized, Interpolation.BicubicAntialiased)
            );
}
