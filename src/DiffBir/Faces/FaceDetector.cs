using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Networks;

namespace DiffBir.Faces;

/// <summary>RetinaFace: finds faces with their five points in whole photos.</summary>
/// <param name="config">The network's sizes.</param>
/// <param name="weights">Where its weights lie.</param>
/// <param name="options">Where and how it runs.</param>
internal sealed class FaceDetector(RetinaFaceConfig config, Func<Weights> weights, EngineOptions options)
    : IFaceDetector,
        IDisposable
{
    private const double MinScore = 0.8;
    private const double MaxOverlap = 0.4;

    /// <summary>The shorter side that the network sees at least: smaller photos are enlarged.</summary>
    private const int MinSide = 640;

    /// <summary>Longer sides that the network sees at most, the first of which fits into the memory.</summary>
    private static readonly int[] MaxSides = [2048, 1408, 1024, 640];

    /// <summary>Blue, green, red: the order in which the network was trained, and the means of its pictures.</summary>
    private static readonly float[] Means = [104, 117, 123];

    private readonly SizedNetwork _network = new((height, width) => RetinaFace.Build(config, height, width), weights, options);

    /// <summary>Whether red and blue change places, as in the original, which tells the network red as blue.</summary>
    public bool SwapsColors { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<FaceDetection> Detect(PlanarImage photo, long memory, CancellationToken cancellation)
    {
        var (height, width) = SizeFor(photo.Height, photo.Width, memory);
        var seen = PlanarStorage.Memory.Create(3, height, width);
        Resampling.Resize(photo, seen, Interpolation.BicubicAntialiased);
        var (horizontal, vertical) = (photo.Width / (double)width, photo.Height / (double)height);
        return [.. Detect(seen.ToTensor(), cancellation).Select(face => face.Scaled(horizontal, vertical))];
    }

    /// <summary>Finds the faces of an enlarged photo as the original does: at its size, or larger, however much memory that takes.</summary>
    /// <param name="working01">[1,3,H,W] in [0,1], no side below 512.</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>The faces in its pixels, the surest first.</returns>
    public IReadOnlyList<FaceDetection> DetectAsOriginal(Tensor working01, CancellationToken cancellation)
    {
        var (height, width) = (working01.Size(2), working01.Size(3));
        var scale = Math.Max(1, MinSide / (double)Math.Min(height, width));
        var seen = scale > 1 ? OpenCvResizer.Resize(working01, (int)(height * scale), (int)(width * scale)) : working01;
        return [.. Detect(seen, cancellation).Select(face => face.Scaled(1 / scale, 1 / scale))];
    }

    /// <summary>Finds the faces of a picture as it is.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1].</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>The faces in its pixels, the surest first.</returns>
    public IReadOnlyList<FaceDetection> Detect(Tensor image01, CancellationToken cancellation)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        var outputs = _network.Run(height, width, cancellation, ("image", Input(image01)));
        return FaceAnchors.Suppress(FaceAnchors.Decode(outputs, height, width, MinScore), MaxOverlap, FaceLandmarks.MaxFaces);
    }

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>As large as fits into memory and is of use.</summary>
    internal (int Height, int Width) SizeFor(int height, int width, long memory)
    {
        var sizes = MaxSides.Select(side => Fitted(height, width, side)).ToList();
        return sizes.Find(size => Needs(_network.Graph(size.Height, size.Width)) <= memory) is { Height: > 0 } fits
            ? fits
            : sizes[^1];
    }

    // Weights are folded and repacked while they are loaded: for a moment there are two of them.
    private long Needs(Graph graph) => NetworkMemory.Of(graph, options) + Cost.Of(graph).ParameterBytes;

    private static (int Height, int Width) Fitted(int height, int width, int maxSide)
    {
        var (shorter, longer) = (Math.Min(height, width), Math.Max(height, width));
        var scale = Math.Min(Math.Max(1, MinSide / (double)shorter), maxSide / (double)longer);
        return (Math.Max(1, (int)(height * scale)), Math.Max(1, (int)(width * scale)));
    }

    private Tensor Input(Tensor image01)
    {
        var input = new Tensor(image01.Shape);
        var length = input.Length / Means.Length;
        for (var plane = 0; plane < Means.Length; plane++)
        {
            var from = image01.Data.AsSpan((SwapsColors ? plane : Means.Length - 1 - plane) * length, length);
            for (var i = 0; i < length; i++)
            {
                input.Data[(plane * length) + i] = (255 * from[i]) - Means[plane];
            }
        }

        return input;
    }
}
