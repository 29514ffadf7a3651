using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server.Api;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>The models that requests may name. A request names a model, never a file or a folder.</summary>
internal sealed class ModelShelf
{
    private readonly Dictionary<string, ModelPack?> _packs = [];
    private readonly IReadOnlyList<string> _folders;

    /// <summary>Puts the built-in models and the server's own on the shelf.</summary>
    /// <exception cref="PackException">The server's own model is a folder that holds none.</exception>
    public ModelShelf(ServerOptions options)
    {
        _folders = options.WeightsFolders;
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
        _packs[Default] is not { } pack ? NotHere(Default)
        : Missing(pack, pack.FilesOf(pack.Tasks.Keys.First())) is { Count: > 0 } missing ? Lacking(pack, missing)
        : null;

    /// <summary>Where models' files are, besides a model's own folder.</summary>
    public IReadOnlyList<string> Folders => _folders;

    /// <summary>The models as clients see them.</summary>
    public IReadOnlyList<ModelView> View() => [.. _packs.Select(entry => View(entry.Key, entry.Value))];

    /// <summary>The model of a name.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public ModelPack Find(string name)
    {
        if (!_packs.TryGetValue(name, out var pack))
        {
            throw ApiException.BadOption(
                new OptionException($"There is no model \"{name}\" here. Use one of {string.Join(", ", _packs.Keys)}.", "model")
            );
        }

        return pack ?? throw Unavailable(NotHere(name));
    }

    /// <summary>Throws unless a model can do a restoration.</summary>
    /// <exception cref="ApiException">It lacks the task, or files.</exception>
    public void Require(ModelPack pack, RestorationOptions options)
    {
        if (!pack.Tasks.ContainsKey(options.Task))
        {
            throw ApiException.BadOption(
                new OptionException(
                    $"The model {pack.Name} cannot do this task; it can do {string.Join(", ", TasksOf(pack))}.",
                    "task"
                )
            );
        }

        var missing = Missing(pack, pack.FilesOf(options.Task, options.Stage1Only));
        if (missing.Count > 0)
        {
            throw Unavailable(Lacking(pack, missing));
        }
    }

    private ModelView View(string name, ModelPack? pack)
    {
        if (pack is null)
        {
            return new(name, NotHere(name), "", false, [], name == Default, [], true, null);
        }

        var missing = Missing(pack, pack.Files.Keys);
        var defaults = pack.Defaults;
        return new(
            name,
            pack.Title,
            pack.License,
            pack.Tasks.Keys.Any(task => Missing(pack, pack.FilesOf(task)).Count == 0),
            missing,
            name == Default,
            TasksOf(pack),
            pack.UNet is not null,
            new(
                defaults.Upscale,
                defaults.Steps,
                defaults.Sampler,
                defaults.Start,
                defaults.CfgScale,
                defaults.GuidanceScale,
                defaults.StrongestGuidance,
                defaults.Prompt,
                defaults.NegativePrompt
            )
        );
    }

    private List<string> Missing(ModelPack pack, IEnumerable<string> keys)
    {
        var files = new PackFiles(pack, _folders);
        return
        [
            .. keys.Select(key => pack.Files[key]).Where(file => files.Find(file) is null).Select(file => file.Name).Distinct(),
        ];
    }

    private static List<string> TasksOf(ModelPack pack) =>
        [.. pack.Tasks.Keys.Select(task => task.ToString().ToLowerInvariant())];

    private static string NotHere(string name) => $"The model {name} is not part of this server.";

    private static string Lacking(ModelPack pack, List<string> missing) =>
        $"The model {pack.Name} lacks {missing.Count} file(s) on this server: {string.Join(", ", missing)}. Whoever runs it gets them with `diffbir models pull {pack.Name}`.";

    private static ApiException Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, ErrorCode.ModelUnavailable, detail);

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
