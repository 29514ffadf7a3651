using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Tiling;

namespace DiffBir.Restoration;

/// <summary>Stage 1: removes noise, blur and artifacts; the result is smooth and faithful.</summary>
internal sealed class DegradationRemoval : IDisposable
{
    /// <summary>
    /// A strip is enlarged to at most this many squares of the minimum's side: 16×12,000 pixels would otherwise become
    /// 512×384,000 (docs/quirks.md#small-outputs-are-enlarged).
    /// </summary>
    private const int LargestEnlarged = 16;

    private readonly Stage1Source _source;
    private readonly int _minimumSide;
    private readonly SizedNetwork _network;

    /// <summary>Describes the stage; nothing is loaded yet.</summary>
    /// <param name="source">The network.</param>
    /// <param name="minimumSide">The shortest side that stage 2 was made for.</param>
    /// <param name="files">Where the weights are.</param>
    /// <param name="options">Where and how the network runs.</param>
    public DegradationRemoval(Stage1Source source, int minimumSide, PackFiles files, EngineOptions options)
    {
        (_source, _minimumSide) = (source, minimumSide);
        _network = new SizedNetwork(
            (height, width) => source.Build(1, height, width),
            () => new Weights().Bind("", files.Open(source.File), source.Prefix),
            options
        );
    }

    /// <summary>Cleans a photo.</summary>
    /// <param name="lq">The photo.</param>
    /// <param name="height">The height of the final output.</param>
    /// <param name="width">The width of the final output.</param>
    /// <param name="tiles">How to cut large images; null: not at all.</param>
    /// <param name="storage">Where whole images go.</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>
    /// The clean image, not clamped, as large as the output; where that would be too small for stage 2, its shorter side has
    /// the minimum's length.
    /// </returns>
    public PlanarImage Clean(
        Photo lq,
        int height,
        int width,
        TileSize? tiles,
        PlanarStorage storage,
        CancellationToken cancellation
    )
    {
        var input = _source.Scale == 1 ? Enlarge(lq, height, width, storage) : lq.Pixels;
        try
        {
            tiles = tiles?.For(input.Height, input.Width);
            // SwinIR was trained at full size and gets the small image enlarged; with tiles, the original enlarges afterwards.
            if (_source.EnlargesFirst && tiles is null)
            {
                Replace(ref input, ToMinimum(input, storage), lq.Pixels);
            }

            var clean = Apply(input, tiles, storage, cancellation);
            var (cleanHeight, cleanWidth) = SizeBehind(clean.Height, clean.Width, height, width);
            if ((clean.Height, clean.Width) != (cleanHeight, cleanWidth))
            {
                Replace(ref clean, Resize(clean, cleanHeight, cleanWidth, storage), keep: null);
            }

            return clean;
        }
        finally
        {
            if (input != lq.Pixels)
            {
                input.Dispose();
            }
        }
    }

    /// <summary>The size of the clean image of a photo.</summary>
    public (int Height, int Width) CleanSize(int lqHeight, int lqWidth, int height, int width) =>
        _source.Scale == 1
            ? EnlargedToMinimum(height, width)
            : SizeBehind(lqHeight * _source.Scale, lqWidth * _source.Scale, height, width);

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private (int Height, int Width) SizeBehind(int networkHeight, int networkWidth, int height, int width) =>
        Math.Min(height, width) < _minimumSide ? WithMinimum(networkHeight, networkWidth)
        : _source.Scale == 1 ? (networkHeight, networkWidth)
        : (height, width);

    /// <summary>How the network sees an image.</summary>
    internal TileGrid Grid(int height, int width, TileSize? tiles) =>
        tiles is { } size
            ? TileGrid.Cover(Padded(height, size.Side), Padded(width, size.Side), size.Side, size.Stride)
            : TileGrid.Whole(Padded(height), Padded(width));

    private PlanarImage Apply(PlanarImage input, TileSize? tiles, PlanarStorage storage, CancellationToken cancellation)
    {
        var grid = Grid(input.Height, input.Width, tiles);
        var clean = storage.Create(input.Planes, input.Height * _source.Scale, input.Width * _source.Scale);
        TiledPlanes.Apply(
            input,
            clean,
            grid,
            _source.Scale,
            lq => _network.Run(lq.Size(2), lq.Size(3), cancellation, ("lq", lq))["clean"]
        );
        return clean;
    }

    // A side that is cut needs no padding: its last tile ends at the edge.
    private int Padded(int length, int tile = int.MaxValue) =>
        length >= tile ? length : Framing.RoundUp(length, _source.SizeMultiple);

    // As the original resizes before stage 1: by Pillow, in 8 bits. A 16-bit photo keeps its precision instead.
    private static PlanarImage Enlarge(Photo lq, int height, int width, PlanarStorage storage)
    {
        var enlarged = storage.Create(3, height, width);
        if (lq.Depth == BitDepth.Eight)
        {
            Resampling.ResizeAsPillow(lq.Pixels, enlarged, PillowFilter.Bicubic);
        }
        else
        {
            Resampling.Resize(lq.Pixels, enlarged, Interpolation.BicubicAntialiased);
        }

        return enlarged;
    }

    private PlanarImage ToMinimum(PlanarImage image, PlanarStorage storage)
    {
        var (height, width) = EnlargedToMinimum(image.Height, image.Width);
        return (height, width) == (image.Height, image.Width) ? image : Resize(image, height, width, storage);
    }

    private (int Height, int Width) EnlargedToMinimum(int height, int width) =>
        Math.Min(height, width) >= _minimumSide ? (height, width) : WithMinimum(height, width);

    /// <summary>The size with a shorter side of the minimum's length; less for long strips, but never less than they have.</summary>
    private (int Height, int Width) WithMinimum(int height, int width)
    {
        var (shorter, longer) = (Math.Min(height, width), Math.Max(height, width));
        var ofStrip = _minimumSide * Math.Sqrt(LargestEnlarged * (double)shorter / longer);
        return ofStrip >= _minimumSide
            ? Resampling.ShortSideTo(_minimumSide, height, width)
            : Resampling.ShortSideTo(Math.Min(_minimumSide, Math.Max((int)ofStrip, shorter)), height, width);
    }

    private static PlanarImage Resize(PlanarImage image, int height, int width, PlanarStorage storage)
    {
        var resized = storage.Create(image.Planes, height, width);
        Resampling.Resize(image, resized, Interpolation.BicubicAntialiased);
        return resized;
    }

    private static void Replace(ref PlanarImage image, PlanarImage replacement, PlanarImage? keep)
    {
        if (image != replacement && image != keep)
        {
            image.Dispose();
        }

        image = replacement;
    }
}
