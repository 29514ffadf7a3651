using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Files;

namespace DiffBir.Packs.Lora;

/// <summary>A network's weights with LoRAs merged into them: made once, kept beside the LoRA's file, and checked before each use.</summary>
/// <remarks>
/// Only weights that change are in the merged file; the others stay where they are. Its name has the hash of the base, of the LoRAs
/// and of how they were merged, so that other files or numbers never meet old weights. Deleting it costs the next run the merging.
/// </remarks>
/// <param name="target">The network.</param>
/// <param name="all">The LoRAs that the files have for it, in their order.</param>
/// <param name="count">How many of them are merged, one after the other.</param>
/// <param name="files">Where the files are.</param>
/// <param name="engine">The threads that compute.</param>
internal sealed class MergedWeights(
    LoraTarget target,
    IReadOnlyList<LoraSource> all,
    int count,
    PackFiles files,
    EngineOptions engine
)
{
    /// <summary>How the name of a merged file ends.</summary>
    public const string Extension = ".merged.safetensors";

    private const string RecordExtension = ".json";
    private const int KeyDigits = 16; // of 64: enough that no two meet in a folder

    private readonly LoraSource[] _sources = [.. all.Take(count)];
    private Checkpoint? _merged;

    private string Lora => files.PathOf(_sources[0].File);

    private string Stem => $"{Path.GetFileNameWithoutExtension(Lora)}.{target.Kind.ToLowerInvariant()}";

    private IReadOnlyList<string> Paths =>
        [.. _sources.Select(source => source.File).Prepend(target.File).Distinct().Select(files.PathOf)];

    /// <summary>How the weights are made: every number that decides on them.</summary>
    private string Recipe
    {
        get
        {
            var recipe = new StringBuilder("W + s·B·A, fp32, 1");
            recipe.Append(CultureInfo.InvariantCulture, $"; {target.Kind} below \"{target.Prefix}\"");
            foreach (var source in _sources)
            {
                var scale = source.Alpha is { } alpha ? string.Create(CultureInfo.InvariantCulture, $"{alpha:R} / rank") : "1";
                var modules = string.Join(' ', source.Modules);
                recipe.Append(
                    CultureInfo.InvariantCulture,
                    $"; {files.NameOf(source.File)} below \"{source.Prefix}\", adapters *{source.AdapterSuffix}, s = {scale}, of {modules}"
                );
            }

            return recipe.ToString();
        }
    }

    /// <summary>The network's weights: merged ones first, the base's for the rest.</summary>
    /// <param name="graphPrefix">What the names of the weights begin with in the graph.</param>
    public Weights Bind(string graphPrefix) =>
        new Weights()
            .Bind(graphPrefix, _merged ?? throw new InvalidOperationException("The weights are not merged yet."), "")
            .Bind(graphPrefix, files.Open(target.File), target.Prefix);

    /// <summary>Merges the weights, unless that is done: here, or by an earlier run whose file is still there and whole.</summary>
    /// <param name="onDecision">Told in one sentence that they are merged, which takes a while.</param>
    /// <param name="cancellation">Ends the work; nothing half-made stays.</param>
    /// <exception cref="CheckpointException">The LoRA does not fit, a file cannot be read, or the merged one not written.</exception>
    public void Prepare(Action<string>? onDecision, CancellationToken cancellation)
    {
        if (_merged is not null)
        {
            return;
        }

        try
        {
            var path = Find(cancellation) ?? Make(onDecision, cancellation);
            _merged = Checkpoint.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                $"The weights of {Path.GetFileName(Lora)} cannot be merged beside it: {exception.Message} They need room in {Path.GetDirectoryName(Lora)}, which must be writable (--weights).",
                exception
            );
        }
    }

    /// <summary>A merged file of the same recipe and the same files; null where there is none.</summary>
    private string? Find(CancellationToken cancellation)
    {
        var (recipe, paths) = (Recipe, Paths);
        var folder = Path.GetDirectoryName(Lora)!;
        return Directory
            .EnumerateFiles(folder, $"{Stem}.*{Extension}{RecordExtension}")
            .Order(StringComparer.Ordinal)
            .Where(record =>
                MergedRecord.Read(record) is { } found
                && found.Recipe == recipe
                && found.Sources.Count == paths.Count
                && found.Sources.Zip(paths).All(pair => pair.First.IsStill(pair.Second))
                && IsWhole(record[..^RecordExtension.Length], found, cancellation)
            )
            .Select(record => record[..^RecordExtension.Length])
            .FirstOrDefault();
    }

    private bool IsWhole(string path, MergedRecord record, CancellationToken cancellation) =>
        File.Exists(path) && Hash(path, cancellation) == record.Xxh128OfParts;

    private string Hash(string path, CancellationToken cancellation) =>
        FileHash.Xxh128OfParts(path, engine.ThreadsToUse, cancellation);

    private string Make(Action<string>? onDecision, CancellationToken cancellation)
    {
        var layers = LoraLayers.Match(all, target, files.Open);
        MergedFrom[] from = [.. Paths.Select(path => MergedFrom.Of(path, cancellation))];
        var path = Path.Combine(Path.GetDirectoryName(Lora)!, $"{Stem}.{Key(from)}{Extension}");
        if (MergedRecord.Read(path + RecordExtension) is not { } record || !IsWhole(path, record, cancellation))
        {
            onDecision?.Invoke(
                $"Merging {Path.GetFileName(Lora)} into the weights of {files.NameOf(target.File)}: once, then kept as {Path.GetFileName(path)}."
            );
            Write(path, layers, cancellation);
            record = new MergedRecord(Recipe, from, Hash(path, cancellation));
        }

        // Known content under another name or time: next time it need not be read to be known.
        (record with { Sources = from }).Write(path + RecordExtension);
        return path;
    }

    private string Key(IEnumerable<MergedFrom> from)
    {
        var text = string.Join('\n', from.Select(file => file.Sha256).Prepend(Recipe));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..KeyDigits];
    }

    private void Write(string path, IReadOnlyList<LoraLayers> layers, CancellationToken cancellation)
    {
        using var product = new LoraProduct(engine);
        var names = layers.Take(count).SelectMany(each => each.Weights).Distinct().ToList();
        SafetensorsWriter.Write(
            path,
            names.Select(name =>
                SafetensorsEntry.Of(
                    name,
                    [.. target.Weights[name].Select(size => (long)size)],
                    () => Merge(name, layers, product, cancellation)
                )
            ),
            new Dictionary<string, string> { ["recipe"] = Recipe }
        );
    }

    /// <summary>A weight in the shape of the network here, where diffusers may hold a matrix for a convolution of 1×1.</summary>
    private Tensor Merge(string name, IReadOnlyList<LoraLayers> layers, LoraProduct product, CancellationToken cancellation)
    {
        Tensor? weight = null;
        foreach (var (source, each) in _sources.Zip(layers))
        {
            var lora = files.Open(source.File);
            if (each.Replaced.GetValueOrDefault(name) is { } replacement)
            {
                weight = lora.Read(replacement.Name);
            }

            if (each.Changed.GetValueOrDefault(name) is { } layer)
            {
                weight ??= files.Open(target.File).Read(target.Prefix + name);
                weight = product.Add(weight, lora.Read(layer.A.Name), lora.Read(layer.B.Name), layer.Scale, cancellation);
            }
        }

        return weight!.Reshape(target.Weights[name].AsSpan());
    }
}
