using DiffBir.Faces;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>A model that requests may name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pack">Its description; null where it is not part of this server.</param>
internal sealed record ServedModel(string Name, ModelPack? Pack)
{
    /// <summary>Whether it can do any of its tasks.</summary>
    public bool IsAvailable { get; init; }

    /// <summary>Whether it is used where a request names none.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The names of its files that are not here.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Why it is not part of this server.</summary>
    public string NotHere => $"The model {Name} is not part of this server.";
}

/// <summary>The models that requests may name. A request names a model, never a file or a folder.</summary>
internal sealed class ModelCache
{
    private readonly Dictionary<string, ModelPack?> _packs = [];
    private readonly IReadOnlyList<string> _folders;
    private readonly ServerOptions _options;

    /// <summary>Finds the built-in models and the server's own.</summary>
    /// <exception cref="PackException">The server's own model is a folder that holds none.</exception>
    public ModelCache(ServerOptions options)
    {
        (_options, _folders) = (options, options.WeightsFolders);
        foreach (var name in PackCatalog.Names)
        {
            _packs[name] = BuiltIn(name);
        }

        Default = options.Model;
        if (!_packs.ContainsKey(options.Model))
        {
            var pack = PackCatalog.Find(options.Model);
            Default = pack.Name;
            _packs[pack.Name] = pack;
        }
    }

    /// <summary>The model of requests that name none.</summary>
    public string Default { get; }

    /// <summary>What keeps the default model from working; null where nothing does.</summary>
    public string? Problem =>
        _packs[Default] is not { } pack ? new ServedModel(Default, null).NotHere
        : Missing(pack, pack.FilesOf(pack.Tasks.Keys.First())) is { Count: > 0 } missing ? Lacking(pack, missing)
        : null;

    /// <summary>All models.</summary>
    public IEnumerable<ServedModel> All => _packs.Select(entry => Served(entry.Key, entry.Value));

    /// <summary>The model of a name.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    /// <exception cref="ModelUnavailableException">It is not part of this server.</exception>
    public ModelPack Find(string name) =>
        _packs.TryGetValue(name, out var pack)
            ? pack ?? throw new ModelUnavailableException(Served(name, null).NotHere)
            : throw new OptionException(
                $"There is no model \"{name}\" here. Use one of {string.Join(", ", _packs.Keys)}.",
                "model"
            );

    /// <summary>Whether faces are found here: what does it belongs to no model.</summary>
    public bool FindsFaces => FaceDetectorChoice.IsPossible(OfMachine, _folders);

    /// <summary>What finds faces.</summary>
    /// <exception cref="PackException">Nothing here does.</exception>
    public FaceDetectorChoice FaceDetector => FaceDetectorChoice.Of(OfMachine, _folders);

    /// <summary>How many bytes one restoration may use, or one search for faces; null: what the machine has free.</summary>
    public long? MemoryOfOne => _options.MaxMemory / (_options.Workers + (FindsFaces ? 1 : 0));

    private FaceOptions OfMachine => new() { Cascade = _options.FaceCascade };

    /// <summary>Throws unless a model can restore faces by themselves.</summary>
    /// <param name="pack">The model.</param>
    /// <param name="settings">What is asked for.</param>
    /// <param name="areMarked">Whether somebody marked the faces, so that none need be found.</param>
    /// <exception cref="OptionException">It lacks a task.</exception>
    /// <exception cref="ModelUnavailableException">Files are missing.</exception>
    public void ValidateFaces(ModelPack pack, RestorationSettings settings, bool areMarked)
    {
        Validate(pack, settings with { Task = RestorationTask.Face });
        if (settings.Faces.BackgroundTask(settings.Task) is { } background)
        {
            Validate(pack, settings with { Task = background });
        }

        if (!areMarked)
        {
            ValidateFaceFinder();
        }
    }

    /// <summary>Throws unless faces are found here.</summary>
    /// <exception cref="ModelUnavailableException">Files are missing.</exception>
    public void ValidateFaceFinder()
    {
        if (!FindsFaces)
        {
            throw new ModelUnavailableException(
                $"This server lacks the files that find faces: mark them yourself, in the field {FaceLandmarksFile.Option}. Whoever runs it gets them with `diffbir models pull {FaceFiles.Name}`, or installs OpenCV's cascades (the package opencv-data)."
            );
        }
    }

    /// <summary>Throws unless a model can do a restoration.</summary>
    /// <exception cref="OptionException">It lacks the task.</exception>
    /// <exception cref="ModelUnavailableException">It lacks files.</exception>
    public void Validate(ModelPack pack, RestorationSettings settings)
    {
        if (!pack.Tasks.ContainsKey(settings.Task))
        {
            throw new OptionException(
                $"The model {pack.Name} cannot do this task; it can do {string.Join(", ", pack.Tasks.Keys.Select(task => task.ToString().ToLowerInvariant()))}.",
                "task"
            );
        }

        var missing = Missing(pack, pack.FilesOf(settings.Task, settings.Stage2));
        if (missing.Count > 0)
        {
            throw new ModelUnavailableException(Lacking(pack, missing));
        }
    }

    private ServedModel Served(string name, ModelPack? pack) =>
        new(name, pack)
        {
            IsDefault = name == Default,
            IsAvailable = pack is not null && pack.Tasks.Keys.Any(task => Missing(pack, pack.FilesOf(task)).Count == 0),
            Missing = pack is null ? [] : Missing(pack, pack.Files.Keys),
        };

    private List<string> Missing(ModelPack pack, IEnumerable<string> keys)
    {
        var files = new PackFiles(pack, _folders);
        return
        [
            .. keys.Select(key => pack.Files[key]).Where(file => files.Find(file) is null).Select(file => file.Name).Distinct(),
        ];
    }

    private static string Lacking(ModelPack pack, List<string> missing) =>
        $"The model {pack.Name} lacks {missing.Count} file(s) on this server: {string.Join(", ", missing)}. Whoever runs it gets them with `diffbir models pull {pack.Name}`.";

    private static ModelPack? BuiltIn(string name)
    {
        try
        {
            return PackCatalog.Find(name);
        }
        catch (PackException)
        {
            return null;
        }
    }
}
