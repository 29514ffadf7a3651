using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffBir.Packs;

/// <summary>Reads and writes <c>model.json</c>.</summary>
public static class PackReader
{
    /// <summary>The file that makes a folder a pack.</summary>
    public const string FileName = "model.json";

    private const long MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        AllowTrailingCommas = true,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = 16,
        ReadCommentHandling = JsonCommentHandling.Skip,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Reads the pack of a folder.</summary>
    /// <param name="folder">The folder, or its <c>model.json</c>.</param>
    /// <exception cref="PackException">There is no pack, or its description cannot be used.</exception>
    public static ModelPack Read(string folder)
    {
        if (Path.GetFileName(folder).Equals(FileName, StringComparison.OrdinalIgnoreCase))
        {
            folder = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        }

        var path = Path.Combine(folder, FileName);
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                throw new PackException(
                    $"{path} has {stream.Length} bytes; a pack's description has at most {MaxBytes}."
                );
            }

            return Parse(stream, path) with
            {
                Folder = Path.GetFullPath(folder),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackException(
                $"{folder} is no model pack: {FileName} cannot be read ({exception.Message}). "
                    + "Name a folder with a model.json, or a built-in model (diffbir models list).",
                exception
            );
        }
    }

    /// <summary>Writes the pack's description into a folder.</summary>
    public static void Write(ModelPack pack, string folder)
    {
        Validate(pack, pack.Name);
        File.WriteAllText(
            Path.Combine(folder, FileName),
            JsonSerializer.Serialize(pack, Options) + "\n"
        );
    }

    /// <summary>Reads a description.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="PackException">It cannot be used.</exception>
    internal static ModelPack Parse(Stream stream, string name)
    {
        try
        {
            var pack =
                JsonSerializer.Deserialize<ModelPack>(stream, Options)
                ?? throw new PackException(
                    $"{name} is empty; a model pack's description is expected."
                );
            Validate(pack, name);
            return pack;
        }
        catch (JsonException exception)
        {
            throw new PackException(
                $"{name} is no model pack's description: {exception.Message}",
                exception
            );
        }
    }

    private static void Validate(ModelPack pack, string name)
    {
        IEnumerable<string> keys =
        [
            pack.Autoencoder.File,
            pack.UNet.File,
            .. pack.TextEncoder is { } text ? (string[])[text.Network.File, text.Vocabulary] : [],
            .. pack.Tasks.Values.SelectMany(task => (string[])[task.Stage1.File, task.Control]),
        ];
        foreach (var key in keys.Where(key => !pack.Files.ContainsKey(key)))
        {
            throw new PackException(
                $"{name} refers to the file \"{key}\", which its list of files does not have."
            );
        }

        foreach (var file in pack.Files.Values)
        {
            if (
                file.Name.Length == 0
                || file.Name != Path.GetFileName(file.Name)
                || file.Name is "." or ".."
            )
            {
                throw new PackException(
                    $"{name} names the file \"{file.Name}\"; a file name without folders is expected."
                );
            }

            if (file.Path is { } path && Path.IsPathRooted(path))
            {
                throw new PackException(
                    $"{name} places a file at \"{path}\"; a path relative to the pack is expected."
                );
            }
        }

        if (pack.Tasks.Count == 0)
        {
            throw new PackException($"{name} has no task.");
        }
    }
}

/// <summary>A model pack that is missing, incomplete or cannot be used.</summary>
public sealed class PackException(string message, Exception? innerException = null)
    : DiffBirException(message, innerException);
