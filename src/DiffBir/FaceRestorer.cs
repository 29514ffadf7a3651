using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Randomness;
using DiffBir.Restoration;

namespace DiffBir;

/// <summary>Restores photos with faces: each face aligned and by itself, the rest as background, then all put together.</summary>
public sealed class FaceRestorer : IPhotoRestorer
{
    private readonly FaceOptions _options;
    private readonly RestorationSettings _settings;
    private readonly IReadOnlyList<string> _weightsFolders;
    private readonly bool _parses;
    private readonly FaceNetworks _networks;
    private readonly FaceConventions _conventions;
    private readonly Restorer _faceRestorer;
    private readonly Restorer? _background;

    /// <summary>Prepares a restoration; nothing is loaded yet.</summary>
    /// <param name="pack">The networks; it must have the task <see cref="RestorationTask.Face"/>, and the background's.</param>
    /// <param name="options">What is asked for; <see cref="RestorationOptions.Faces"/> says how faces are treated.</param>
    /// <param name="weightsFolders">
    /// Where the pack's files and those of <see cref="FaceFiles"/> are, besides the pack's own folder. The latter are needed to find
    /// faces, and to blend them along their outlines.
    /// </param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks a task, or its files are missing.</exception>
    public FaceRestorer(ModelPack pack, RestorationOptions options, params IReadOnlyList<string> weightsFolders)
        : this(pack, options.Settle(pack), weightsFolders) { }

    /// <inheritdoc cref="FaceRestorer(ModelPack, RestorationOptions, IReadOnlyList{string})"/>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What is asked for, settled with this pack.</param>
    /// <param name="weightsFolders">Where files are, besides the pack's own folder.</param>
    internal FaceRestorer(ModelPack pack, RestorationSettings settings, params IReadOnlyList<string> weightsFolders)
        : this(pack, settings, static seed => new TorchRandom(seed), weightsFolders) { }

    /// <summary>Prepares a restoration with random numbers of another generator.</summary>
    internal FaceRestorer(
        ModelPack pack,
        RestorationSettings settings,
        Func<long, INoiseSource> generator,
        params IReadOnlyList<string> weightsFolders
    )
    {
        (_options, _settings) = (settings.Faces, settings);
        var files = new PackFiles(FaceFiles.Pack, weightsFolders);
        _weightsFolders = weightsFolders;
        _parses = files.Find(FaceFiles.Pack.Files[FaceFiles.Parser]) is not null;
        _networks = new FaceNetworks(files, _options.StrictOriginal, _settings.Engine);
        var background = _options.BackgroundTask(settings.Task);
        var face = _settings with { Task = RestorationTask.Face, Upscale = 1, Target = default };
        _faceRestorer = new Restorer(pack, face, weightsFolders);
        _conventions = FaceConventions.Of(settings, Storage, generator);
        try
        {
            _background = background is { } task ? new Restorer(pack, _settings with { Task = task }, weightsFolders) : null;
        }
        catch
        {
            _faceRestorer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ImageReadOptions ReadOptions => _faceRestorer.ReadOptions;

    private PlanarStorage Storage => ReadOptions.Storage!;

    /// <inheritdoc/>
    public Size OutputSize(Photo lq) => _conventions.OutputSize(lq.Size);

    /// <inheritdoc/>
    public RestorationWork Work(Photo lq, int faces = 0)
    {
        var face = _faceRestorer.Work(new Size(FaceAlignment.Side, FaceAlignment.Side)).Stages;
        var ofFaces = Enumerable.Range(1, faces).SelectMany(number => face.Select(stage => stage with { Face = number }));
        return new RestorationWork([.. ofFaces, .. _background?.Work(lq).Stages ?? []]);
    }

    /// <summary>Finds the faces of a photo and restores it.</summary>
    /// <inheritdoc/>
    /// <exception cref="PackException">Nothing that finds faces is here.</exception>
    public IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default)
    {
        var choice = FaceDetectorChoice.Of(_options, _weightsFolders);
        events ??= new RestorationEvents();
        events.OnDecision?.Invoke(choice.Notice);
        var found = _conventions.Find(_networks.With(choice.Cascades), lq, cancellation);
        _networks.Unload();
        events.OnDecision?.Invoke(found.Count == 1 ? "Found 1 face." : $"Found {found.Count} faces.");
        return Restore(lq, found, events, cancellation);
    }

    /// <summary>Restores a photo with faces that somebody marked.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="faces">The faces in it, which may be none.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>One photo for each sample; the caller owns them.</returns>
    public IReadOnlyList<Photo> Restore(
        Photo lq,
        IReadOnlyList<FaceLandmarks> faces,
        RestorationEvents? events = null,
        CancellationToken cancellation = default
    )
    {
        events ??= new RestorationEvents();
        events.OnDecision?.Invoke(faces.Count == 1 ? "1 face was marked." : $"{faces.Count} faces were marked.");
        return Restore(lq, [.. faces.Select(FaceDetection.OfMarked)], events, cancellation);
    }

    /// <summary>This, for a photo with faces that somebody marked; to dispose it is to dispose this.</summary>
    internal IPhotoRestorer Of(IReadOnlyList<FaceLandmarks> faces) => new MarkedFaceRestorer(this, faces);

    /// <inheritdoc/>
    public void Dispose()
    {
        _faceRestorer.Dispose();
        _background?.Dispose();
        _networks.Dispose();
    }

    private IReadOnlyList<Photo> Restore(
        Photo lq,
        IReadOnlyList<FaceDetection> found,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        events.OnIntermediate?.Invoke(new(IntermediateKind.FaceMarks, 0, () => Marked(lq, found)));
        var faces = FacesIn(lq, [.. found.Select(face => face.Landmarks)], events);
        if (faces.Count == 0)
        {
            events.OnDecision?.Invoke("No face to restore in this photo: all of it is restored as background.");
        }

        using var restored = new RestoredFaces(Storage, faces.Count, _settings.Samples);
        var noise = _conventions.NoiseOfPhoto();
        using (var enlarged = _conventions.Enlarge(lq))
        {
            foreach (var (landmarks, index) in faces.Select((face, index) => (face, index)))
            {
                cancellation.ThrowIfCancellationRequested();
                var face = new FaceToRestore(landmarks, index, () => noise.OfFace(index), EventsOf(events, index, faces.Count));
                restored.Add(RestoreFace(lq, enlarged, face, cancellation), ToPicture(landmarks, lq), index);
            }
        }

        cancellation.ThrowIfCancellationRequested();
        var ofBackground = events with { OnProgress = Counted(events, 0, faces.Count) };
        var results = _conventions.Backgrounds(Background(lq, noise.OfBackground, ofBackground, cancellation));
        restored.PasteInto(results, Paste(lq, cancellation), events, cancellation);
        _networks.Unload();
        return results;
    }

    private PlanarImage Marked(Photo lq, IReadOnlyList<FaceDetection> faces)
    {
        var picture = Storage.Copy(lq.Pixels);
        FaceMarks.Draw(picture, faces);
        return picture;
    }

    private FacePaste Paste(Photo lq, CancellationToken cancellation) =>
        new(OnBytes: lq.Depth == BitDepth.Eight)
        {
            DarkensRim = _options.StrictOriginal,
            MaskOf = _parses ? face => _networks.Parser.MaskOf(face, cancellation) : null,
        };

    /// <summary>The faces that are worth restoring, the others named with the reason.</summary>
    private List<FaceLandmarks> FacesIn(Photo lq, IReadOnlyList<FaceLandmarks> faces, RestorationEvents events)
    {
        var usable = new List<FaceLandmarks>();
        foreach (var (face, index) in faces.Select((face, index) => (face, index)))
        {
            if (Unusable(face, lq) is { } reason)
            {
                events.OnDecision?.Invoke($"Face {index + 1} {reason}: it is left to the background.");
            }
            else
            {
                usable.Add(face);
            }
        }

        // An aligned face has one size: the more it had to be shrunk, the larger it was.
        return _options.OnlyLargest && usable.Count > 1
            ? [usable.MinBy(face => FaceAlignment.Estimate(face)!.Value.Scale)!]
            : usable;
    }

    private string? Unusable(FaceLandmarks face, Photo lq) =>
        FaceAlignment.Estimate(face) is null ? "has all its points in one place"
        : face.EyeDistance < _options.MinEyeDistance
            ? FormattableString.Invariant(
                $"has {face.EyeDistance:0.#} pixels between the eyes, fewer than {_options.MinEyeDistance:0.#} (--min-face)"
            )
        : ProblemOf(face, lq);

    /// <summary>What keeps a face from being cut out, or put into the result, whichever is larger.</summary>
    private string? ProblemOf(FaceLandmarks face, Photo lq)
    {
        var (height, width) = OutputSize(lq);
        (height, width) = (Math.Max(height, lq.Height), Math.Max(width, lq.Width));
        return FaceAlignment.Estimate(InSize(face, lq, height, width)) is { } toFace
            ? FacePatch.Problem((height, width), toFace.Inverse())
            : "has all its points in one place";
    }

    private AffineTransform ToPicture(FaceLandmarks face, Photo lq)
    {
        var (height, width) = OutputSize(lq);
        return FaceAlignment.Estimate(InSize(face, lq, height, width))!.Value.Inverse();
    }

    private IReadOnlyList<Photo> RestoreFace(Photo lq, PlanarImage enlarged, FaceToRestore face, CancellationToken cancellation)
    {
        var toFace = FaceAlignment.Estimate(InSize(face.Landmarks, lq, enlarged.Height, enlarged.Width))!.Value;
        // Differs from the reference unless asked: docs/quirks.md#faces-at-the-border-turn-gray
        var edge = _options.StrictOriginal ? 0 : FacePatch.ContinuedEdge;
        var aligned = PlanarImage.Of(FacePatch.Cut(enlarged, toFace, lq.Depth == BitDepth.Eight, edge)!);
        if (lq.IsGray)
        {
            Grayscale.RemoveColor(aligned);
        }

        using var photo = new Photo(aligned) { Depth = lq.Depth, ColorModel = lq.IsGray ? ColorModel.Gray : ColorModel.Rgb };
        face.Events.OnIntermediate?.Invoke(Picture(IntermediateKind.AlignedFace, face.Index, aligned));
        var results = _conventions.Faces(
            _faceRestorer.Restore(photo, face.Noise, face.Events with { OnIntermediate = null }, cancellation)
        );
        face.Events.OnIntermediate?.Invoke(Picture(IntermediateKind.RestoredFace, face.Index, results[0].Pixels));
        return results;
    }

    private static FaceLandmarks InSize(FaceLandmarks face, Photo lq, int height, int width) =>
        face.Resized((double)width / lq.Width, (double)height / lq.Height);

    private IReadOnlyList<Photo> Background(
        Photo lq,
        Func<INoiseSource> noise,
        RestorationEvents events,
        CancellationToken cancellation
    )
    {
        if (_background is not null)
        {
            return _background.Restore(lq, noise, events, cancellation);
        }

        var size = _settings.OutputSize(lq.Size);
        return [.. Enumerable.Range(0, _settings.Samples).Select(_ => lq.WithPixels(lq.ResizedPixels(size, Storage), Storage))];
    }

    /// <summary>What is told of a face: its progress with its number, and decisions once, since they are the same for all.</summary>
    private static RestorationEvents EventsOf(RestorationEvents events, int index, int count) =>
        events with
        {
            OnProgress = Counted(events, index + 1, count),
            OnDecision = index == 0 && events.OnDecision is { } tell ? text => tell($"Faces: {text}") : null,
        };

    private static Action<RestorationProgress>? Counted(RestorationEvents events, int face, int faces) =>
        events.OnProgress is { } show ? progress => show(progress with { Face = face, Faces = faces }) : null;

    private static Intermediate Picture(IntermediateKind kind, int index, PlanarImage image) =>
        new(kind, 0, () => PlanarStorage.Memory.Copy(image)) { Face = index + 1 };

    private sealed record FaceToRestore(FaceLandmarks Landmarks, int Index, Func<INoiseSource> Noise, RestorationEvents Events);
}
