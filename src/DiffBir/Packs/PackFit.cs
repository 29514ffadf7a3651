using System.Globalization;
using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs.Lora;

namespace DiffBir.Packs;

/// <summary>Compares a pack's networks with the weights in its files before anything runs: one message says all that does not fit.</summary>
internal static class PackFit
{
    /// <summary>Throws unless the networks of a task have their weights in the right shapes.</summary>
    /// <exception cref="CheckpointException">They have not; the message lists what is missing, of another shape, and unexpected.</exception>
    public static void Validate(ModelPack pack, TaskNetworks task, PackFiles files, Stage2 stage2)
    {
        var problems = new StringBuilder();
        foreach (var part in Parts(pack, task, stage2))
        {
            Compare(part, files.Open(part.File), problems);
        }

        if (problems.Length > 0)
        {
            throw new CheckpointException(
                $"The files do not fit the model {pack.Name}:\n{problems}Use the files made for this model, or mend its sizes in {PackReader.FileName} (diffbir inspect FILE says what a file is)."
            );
        }

        if (pack.OneStep is { } step && (stage2 is Stage2.OneStep or Stage2.CleanedOneStep))
        {
            LoraLayers.Match(step.Lora, LoraTarget.Of(pack.UNet!), files.Open);
            LoraLayers.Match(step.EncoderLora, LoraTarget.Of(pack.AutoencoderSource), files.Open);
        }
    }

    private static IEnumerable<Part> Parts(ModelPack pack, TaskNetworks task, Stage2 stage2)
    {
        if (stage2 != Stage2.OneStep)
        {
            var stage1 = task.Stage1.Config;
            yield return new Part(stage1.Architecture, stage1, task.Stage1.File, task.Stage1.Prefix);
        }

        if (stage2 == Stage2.Generator && pack.Generator is { Config: var generator } source)
        {
            yield return new Part(generator.Architecture, generator, source.File, source.Prefix);
        }

        if (stage2 is Stage2.None or Stage2.Generator)
        {
            yield break;
        }

        if (pack.UNet is { } unet)
        {
            if (task.Control is { } control)
            {
                yield return new Part(ControlNet.Architecture, unet.Sizes, control, task.ControlPrefix);
            }

            yield return new Part(UNet.Architecture, unet.Sizes, unet.File, unet.Prefix);
        }

        if (pack.Autoencoder is { } autoencoder)
        {
            yield return new Part(AutoencoderKl.Architecture, autoencoder.Sizes, autoencoder.File, autoencoder.Prefix);
        }

        if (pack.TextEncoder is { Network: var text })
        {
            yield return new Part(TextEncoder.Architecture, text.Sizes, text.File, text.Prefix);
        }
    }

    private static void Compare(Part part, Checkpoint checkpoint, StringBuilder problems)
    {
        WeightComparison comparison;
        try
        {
            comparison = WeightComparison.Of(
                part.Architecture.BuildSmallest(part.Sizes, ParameterScope.Root),
                checkpoint,
                part.Prefix
            );
        }
        catch (ShapeException exception)
        {
            problems.Append($"  {part.Architecture.Kind}: its sizes make no network: {exception.Message}\n");
            return;
        }

        var needed = comparison.Fitting.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        needed.UnionWith(comparison.WrongShapes.Select(wrong => wrong.Name));
        needed.UnionWith(comparison.Missing);
        var unexpected = checkpoint
            .Tensors.Keys.Where(name =>
                name.StartsWith(part.Prefix, StringComparison.Ordinal)
                && !needed.Contains(name)
                && !part.Architecture.IsLeftover(part.Sizes, name[part.Prefix.Length..])
            )
            .ToList();
        // What other programs left does no harm; a layer more than the sizes say means that they are wrong.
        if (!comparison.Fits || unexpected.Exists(name => Follows(name, needed)))
        {
            var unexpectedNames = WeightComparison.Describe(unexpected, "unexpected");
            problems.Append($"  {part.Architecture.Kind} in {checkpoint.Path}:{comparison.Describe()}{unexpectedNames}\n");
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

    private sealed record Part(Architecture Architecture, object Sizes, string File, string Prefix);
}
