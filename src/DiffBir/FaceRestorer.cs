using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;

namespace DiffBir;

/// <summary>Restores photos with faces: each face aligned and by itself, the rest as background, then all put together.</summary>
public sealed class FaceRestorer : IPhotoRestorer
{
    private readonly FaceOptions _options;
    private readonly RestorationSettings _settings;
    private readonly IReadOnlyList<FaceLandmarks>? _marked;
    private readonly bool _parses;
    private readonly FaceNetworks _networks;
    private readonly Restorer _faceRestorer;
    private readonly Restorer? _background;

    /// <summary>Prepares a restoration of photos in which faces are found; nothing is loaded yet.</summary>
    /// <param name="pack">The networks; it must have the task <see cref="RestorationTask.Face"/>, and the background's.</param>
    /// <param name="options">What is asked for; <see cref="RestorationOptions.Faces"/> says how faces are treated.</param>
    /// <param name="weightsFolders">Where the pack's files and those of <see cref="FaceFiles"/> are, besides the pack's own folder.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks a task, or files are missing.</exception>
    public FaceRestorer(ModelPack pack, RestorationOptions options, params IReadOnlyList<string> weightsFolders)
        : this(pack, options.Settle(pack), marked: null, weightsFolders) { }

    /// <summary>Prepares a restoration of one photo with faces that somebody marked; nothing is loaded yet.</summary>
    /// <param name="pack">The networks; it must have the task <see cref="RestorationTask.Face"/>, and the background's.</param>
    /// <param name="options">What is asked for; <see cref="RestorationOptions.Faces"/> says how faces are treated.</param>
    /// <param name="faces">The faces in the photo, which may be none.</param>
    /// <param name="weightsFolders">Where the pack's files are, besides its own folder. With the parser of <see cref="FaceFiles"/> there, faces are blended along their outlines.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks a task, or files are missing.</exception>
    public FaceRestorer(
        ModelPack pack,
        RestorationOptions options,
        IReadOnlyList<FaceLandmarks> faces,
        params IReadOnlyList<string> weightsFolders
    )
        : this(pack, options.Settle(pack), faces, weightsFolders) { }

    /// <summary>Prepares a restoration; nothing is loaded yet.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What is asked for, settled with this pack.</param>
    /// <param name="marked">The faces of the photo; null: they are found.</param>
    /// <param name="weightsFolders">Where files are, besides the pack's own folder.</param>
    internal FaceRestorer(
        ModelPack pack,
        RestorationSettings settings,
        IReadOnlyList<FaceLandmarks>? marked,
        IReadOnlyList<string> weightsFolders
    )
    {
        (_options, _settings, _marked) = (settings.Faces, settings, marked);
        var files = new PackFiles(FaceFiles.Pack, weightsFolders);
        if (marked is null)
        {
            FaceFiles.Validate(files);
        }

        _parses = files.Find(FaceFiles.Pack.Files[FaceFiles.Parser]) is not null;
        _networks = new FaceNetworks(files, _options.StrictOriginal, _settings.Engine);
        var background = _options.BackgroundTask(settings.Task);
        var face = _settings with { Task = RestorationTask.Face, Upscale = 1, Target = default };
        _faceRestorer = new Restorer(pack, face, weightsFolders);
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
    public (int Height, int Width) OutputSize(Photo lq) => _settings.OutputSize(lq.Height, lq.Width);

    /// <inheritdoc/>
    public RestorationWork Work(Photo lq, int faces = 0)
    {
        var face = _faceRestorer.Work(FaceAlignment.Side, FaceAlignment.Side).Stages;
        var ofFaces = Enumerable.Range(1, faces).SelectMany(number => face.Select(stage => stage with { Face = number }));
        return new RestorationWork([.. ofFaces, .. _background?.Work(lq).Stages ?? []]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default)
    {
        events ??= new RestorationEvents();
        var faces = FacesIn(lq, Find(lq, events, cancellation), events);
        if (faces.Count == 0)
        {
            events.OnDecision?.Invoke("No face to restore in this photo: all of it is restored as background.");
        }

        using var restored = new RestoredFaces();
        using (var enlarged = Enlarged(lq))
        {
            foreach (var (landmarks, index) in faces.Select((face, index) => (face, index)))
            {
                cancellation.ThrowIfCancellationRequested();
                restored.Add(RestoreFace(lq, enlarged, landmarks, EventsOf(events, index, faces.Count), cancellation));
            }
        }

        cancellation.ThrowIfCancellationRequested();
        var results = Background(lq, events with { OnProgress = Counted(events, 0, faces.Count) }, cancellation);
        restored.PasteInto(results, Paste(lq, cancellation), events, cancellation);
        _networks.Unload();
        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _faceRestorer.Dispose();
        _background?.Dispose();
        _networks.Dispose();
    }

    private IReadOnlyList<FaceLandmarks> Find(Photo lq, RestorationEvents events, CancellationToken cancellation)
    {
        IReadOnlyList<FaceDetection> found;
        if (_marked is not null)
        {
            found = [.. _marked.Select(FaceDetection.OfMarked)];
        }
        else
        {
            found = _options.StrictOriginal ? DetectAsOriginal(lq, cancellation) : Detect(lq, cancellation);
            _networks.Unload();
            events.OnDecision?.Invoke(found.Count == 1 ? "Found 1 face." : $"Found {found.Count} faces.");
        }

        events.OnIntermediate?.Invoke(new(IntermediateKind.FaceMarks, 0, () => Marked(lq, found)));
        return [.. found.Select(face => face.Landmarks)];
    }

    private IReadOnlyList<FaceDetection> Detect(Photo lq, CancellationToken cancellation) =>
        FaceFinder.Find(_networks, lq.Pixels, _settings.Tiling.MemoryLimit, cancellation);

    private IReadOnlyList<FaceDetection> DetectAsOriginal(Photo lq, CancellationToken cancellation)
    {
        var (height, width) = OutputSize(lq);
        using var enlarged = DegradationRemoval.Enlarge(lq, (height, width), Storage);
        var (horizontal, vertical) = ((double)lq.Width / width, (double)lq.Height / height);
        return
        [
            .. _networks
                .Detector.DetectAsOriginal(enlarged.ToTensor(), cancellation)
                .Select(face =>
                    face.Scaled(horizontal, vertical) with
                    {
                        Landmarks = face.Landmarks.Resized(horizontal, vertical),
                    }
                ),
        ];
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
        FaceAlignment.Estimate(face) is not { } toFace ? "has all its points in one place"
        : face.EyeDistance < _options.MinEyeDistance
            ? FormattableString.Invariant(
                $"has {face.EyeDistance:0.#} pixels between the eyes, fewer than {_options.MinEyeDistance:0.#} (--min-face)"
            )
        : !FacePatch.Touches(lq.Pixels, toFace.Inverse()) ? "lies outside the photo"
        : null;

    /// <summary>What faces are cut from: the photo as large as the result, or as it is where that is larger.</summary>
    private PlanarImage Enlarged(Photo lq)
    {
        var (height, width) = OutputSize(lq);
        return height > lq.Height || width > lq.Width
            ? DegradationRemoval.Enlarge(lq, (height, width), Storage)
            : Storage.Copy(lq.Pixels);
    }

    private RestoredFace RestoreFace(
        Photo lq,
        PlanarImage enlarged,
        FaceLandmarks landmarks,
        (RestorationEvents Events, int Index) face,
        CancellationToken cancellation
    )
    {
        var (height, width) = OutputSize(lq);
        var toFace = FaceAlignment.Estimate(InSize(landmarks, lq, enlarged.Height, enlarged.Width))!.Value;
        var toPicture = FaceAlignment.Estimate(InSize(landmarks, lq, height, width))!.Value.Inverse();
        var aligned = PlanarImage.Of(FacePatch.Cut(enlarged, toFace, lq.Depth == BitDepth.Eight)!);
        if (lq.IsGray)
        {
            Grayscale.RemoveColor(aligned);
        }

        using var photo = new Photo(aligned) { Depth = lq.Depth, ColorModel = lq.IsGray ? ColorModel.Gray : ColorModel.Rgb };
        face.Events.OnIntermediate?.Invoke(Picture(IntermediateKind.AlignedFace, face.Index, aligned));
        // Each face has random numbers of its own, so that leaving one out does not change the others.
        var seed = unchecked(_settings.Seed + face.Index);
        var results = _faceRestorer.Restore(photo, seed, face.Events with { OnIntermediate = null }, cancellation);
        face.Events.OnIntermediate?.Invoke(Picture(IntermediateKind.RestoredFace, face.Index, results[0].Pixels));
        return new RestoredFace(results, toPicture, face.Index);
    }

    private static FaceLandmarks InSize(FaceLandmarks face, Photo lq, int height, int width) =>
        face.Resized((double)width / lq.Width, (double)height / lq.Height);

    private IReadOnlyList<Photo> Background(Photo lq, RestorationEvents events, CancellationToken cancellation)
    {
        if (_background is not null)
        {
            return _background.Restore(lq, events, cancellation);
        }

        var (height, width) = OutputSize(lq);
        return
        [
            .. Enumerable
                .Range(0, _settings.Samples)
                .Select(_ => lq.WithPixels(DegradationRemoval.Enlarge(lq, (height, width), Storage), Storage)),
        ];
    }

    /// <summary>What is told of a face: its progress with its number, and decisions once, since they are the same for all.</summary>
    private static (RestorationEvents Events, int Index) EventsOf(RestorationEvents events, int index, int count) =>
        (
            events with
            {
                OnProgress = Counted(events, index + 1, count),
                OnDecision = index == 0 && events.OnDecision is { } tell ? text => tell($"Faces: {text}") : null,
            },
            index
        );

    private static Action<RestorationProgress>? Counted(RestorationEvents events, int face, int faces) =>
        events.OnProgress is { } show ? progress => show(progress with { Face = face, Faces = faces }) : null;

    private static Intermediate Picture(IntermediateKind kind, int index, PlanarImage image) =>
        new(kind, 0, () => PlanarStorage.Memory.Copy(image)) { Face = index + 1 };
}
