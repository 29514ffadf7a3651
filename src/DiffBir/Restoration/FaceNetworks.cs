using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Faces;
using DiffBir.Faces.Cascades;
using DiffBir.Networks;
using DiffBir.Packs;

namespace DiffBir.Restoration;

/// <summary>The networks that find faces and their outlines; each is loaded when it is needed.</summary>
internal sealed class FaceNetworks : IDisposable
{
    private readonly Lazy<FaceDetector> _detector;
    private readonly Lazy<FaceParser> _parser;
    private CascadeFaceDetector? _cascades;

    /// <summary>Describes the networks.</summary>
    /// <param name="files">Where their files are.</param>
    /// <param name="swapsColors">Whether red and blue change places, as in the original.</param>
    /// <param name="engine">Where and how they run.</param>
    public FaceNetworks(PackFiles files, bool swapsColors, EngineOptions engine)
    {
        // Points of faces are places in the photo, for which 16 bits are few; the original computes them in 32 everywhere.
        engine = Engine = engine.Precision == Precision.Auto ? engine with { Precision = Precision.Float32 } : engine;
        _detector = new(() =>
        {
            var (sizes, weights) = Open(files, FaceFiles.Detector, RetinaFace.Architecture);
            return new FaceDetector(sizes, weights, engine) { SwapsColors = swapsColors };
        });
        _parser = new(() =>
        {
            var (sizes, weights) = Open(files, FaceFiles.Parser, ParseNet.Architecture);
            return new FaceParser(sizes, weights, engine) { SwapsColors = swapsColors };
        });
    }

    /// <summary>Where and how they run.</summary>
    public EngineOptions Engine { get; }

    /// <summary>Finds faces: by cascades where they were chosen, else by <see cref="RetinaFaceDetector"/>.</summary>
    /// <exception cref="PackException">Its file is missing or holds another network.</exception>
    public IFaceDetector Detector => _cascades ?? (IFaceDetector)RetinaFaceDetector;

    /// <summary>Finds faces by a network.</summary>
    /// <exception cref="PackException">Its file is missing or holds another network.</exception>
    public FaceDetector RetinaFaceDetector => _detector.Value;

    /// <summary>What the device that finds faces has free of its own memory, in bytes; null where it has none, or it is not known.</summary>
    public long? FreeDeviceMemory() => _cascades is null ? Engine.FreeDeviceMemory() : null;

    /// <summary>Tells what of a face is face.</summary>
    /// <exception cref="PackException">Its file is missing or holds another network.</exception>
    public FaceParser Parser => _parser.Value;

    /// <summary>Where cascades that were read are kept.</summary>
    public KeptCascades Kept { get; init; } = new();

    /// <summary>These, with faces found by cascades where there are some.</summary>
    public FaceNetworks With(CascadeFiles? cascades)
    {
        _cascades = Kept.Of(cascades);
        return this;
    }

    /// <summary>Frees the networks' memory; they are loaded again when they are needed.</summary>
    public void Unload()
    {
        if (_detector.IsValueCreated)
        {
            RetinaFaceDetector.Unload();
        }

        if (_parser.IsValueCreated)
        {
            Parser.Unload();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Unload();

    private static (TConfig Sizes, Func<Weights> Weights) Open<TConfig>(
        PackFiles files,
        string key,
        Architecture<TConfig> architecture
    )
        where TConfig : notnull
    {
        var checkpoint = files.Open(key);
        var network =
            CheckpointInspector
                .Inspect(checkpoint)
                .Networks.FirstOrDefault(found => found.Kind == architecture.Kind && found.IsComplete)
            ?? throw new PackException(
                $"{files.PathOf(key)} is not what it must be: {architecture.Title}. Move it away, then get the right one: diffbir models pull {FaceFiles.Name}"
            );
        return ((TConfig)network.Sizes, () => new Weights().Bind("", checkpoint, network.Prefix));
    }
}
