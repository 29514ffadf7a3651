using System.Globalization;
using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;

namespace DiffBir.Packs;

/// <summary>Compares a pack's networks with the weights in its files before anything runs: one message says all that does not fit.</summary>
internal static class PackFit
{
    private const int Listed = 5;

    /// <summary>Throws unless the networks of a task have their weights in the right shapes.</summary>
    /// <exception cref="CheckpointException">They have not; the message lists what is missing, of another shape, and unexpected.</exception>
    public static void Require(ModelPack pack, TaskNetworks task, PackFiles files, bool stage1Only)
    {
        var problems = new StringBuilder();
        foreach (var part in Parts(pack, task).Take(stage1Only ? 1 : int.MaxValue))
        {
            Examine(part, files.Open(part.File), problems);
        }

        if (problems.Length > 0)
        {
            throw new CheckpointException(
                $"The files do not fit the model {pack.Name}:\n{problems}Use the files made for this model, or mend its sizes in {PackReader.FileName} (diffbir inspect FILE says what a file is)."
            );
        }
    }

    private static IEnumerable<Part> Parts(ModelPack pack, TaskNetworks task)
    {
        var (kind, sizes) = task.Stage1.Network;
        yield return new Part(kind, sizes, task.Stage1.File, task.Stage1.Prefix);
        if (pack.UNet is { } unet && task.Control is { } control)
        {
            yield return new Part(NetworkKind.ControlNet, unet.Sizes, control, task.ControlPrefix);
            yield return new Part(NetworkKind.UNet, unet.Sizes, unet.File, unet.Prefix);
        }

        yield return new Part(NetworkKind.Autoencoder, pack.Autoencoder.Sizes, pack.Autoencoder.File, pack.Autoencoder.Prefix);
        if (pack.TextEncoder is { Network: var text })
        {
            yield return new Part(NetworkKind.TextEncoder, text.Sizes, text.File, text.Prefix);
        }
    }

    private static void Examine(Part part, Checkpoint checkpoint, StringBuilder problems)
    {
        var known = KnownNetwork.All.Single(known => known.Kind == part.Kind);
        var needed = new HashSet<string>(StringComparer.Ordinal);
        List<string> missing = [];
        List<string> misshapen = [];
        try
        {
            var parameters = known.Build(part.Sizes, ParameterScope.Root).SelectMany(graph => graph.Parameters);
            foreach (var parameter in parameters)
            {
                var name = part.Prefix + ((Parameter)parameter.Operation).Name;
                needed.Add(name);
                if (!checkpoint.Tensors.TryGetValue(name, out var tensor))
                {
                    missing.Add(name);
                }
                else if (!tensor.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
                {
                    misshapen.Add($"{name} is [{string.Join(", ", tensor.Shape)}] instead of {parameter.Shape}");
                }
            }
        }
        catch (ShapeException exception)
        {
            problems.Append($"  {part.Kind}: its sizes make no network: {exception.Message}\n");
            return;
        }

        var unexpected = checkpoint
            .Tensors.Keys.Where(name =>
                name.StartsWith(part.Prefix, StringComparison.Ordinal)
                && !needed.Contains(name)
                && !known.IsUnneeded(part.Sizes, name[part.Prefix.Length..])
            )
            .ToList();
        // What other programs left does no harm; a layer more than the sizes say means that they are wrong.
        if (missing.Count + misshapen.Count > 0 || unexpected.Exists(name => Follows(name, needed)))
        {
            problems.Append($"  {part.Kind} in {checkpoint.Path}:");
            Describe(problems, missing, "missing");
            Describe(problems, misshapen, "of another shape");
            Describe(problems, unexpected, "unexpected");
            problems.Append('\n');
        }
    }

    /// <summary>Whether a name is that of a needed weight, but for one layer's number, which is higher by 1.</summary>
    private static bool Follows(string name, HashSet<string> needed)
    {
        var parts = name.Split('.');
        for (var index = 0; index < parts.Length; index++)
        {
            if (
                int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && needed.Contains(string.Join('.', parts.Select((p, at) => at == index ? $"{number - 1}" : p)))
            )
            {
                return true;
            }
        }

        return false;
    }

    private static void Describe(StringBuilder message, List<string> names, string what)
    {
        if (names.Count > 0)
        {
            var rest = names.Count > Listed ? $" and {names.Count - Listed:N0} more" : "";
            message.Append($" {names.Count:N0} {what} ({string.Join("; ", names.Take(Listed))}{rest}).");
        }
    }

    private sealed record Part(NetworkKind Kind, object Sizes, string File, string Prefix);
}
