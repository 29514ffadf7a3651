using System.Collections.Concurrent;
using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Packs.Lora;
using DiffBir.Randomness;

namespace DiffBir.Tests.Support;

/// <summary>Random weights for the packs of <c>tests/packs</c>, made by the test run itself: for tests of behavior, which need no ground truth.</summary>
internal static class GeneratedWeights
{
    private const long Seed = 231;

    private static readonly ConcurrentDictionary<(string Version, bool IsShallow), Lazy<string>> Folders = new();

    /// <summary>The folder with the files of a version's pack, under their official names; the same values in every run.</summary>
    /// <param name="version">v1, v2, v2.1, hypir, pisa-sr or osediff.</param>
    /// <param name="isShallow">Whether the pack is the one with half of the layers.</param>
    public static string Folder(string version, bool isShallow = false) =>
        Folders
            .GetOrAdd(
                (version, isShallow),
                static key => new(() => Write(key.IsShallow ? SmallPacks.Shallow(key.Version) : SmallPacks.Read(key.Version)))
            )
            .Value;

    private static string Write(ModelPack pack)
    {
        var folder = Directory.CreateTempSubdirectory("diffbir-test-weights-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var file in pack.OneStep is { } step ? Loras(pack, step).GroupBy(lora => lora.Source.File) : [])
        {
            SafetensorsWriter.Write(
                Path.Combine(folder, pack.Files[file.Key].Name),
                file.SelectMany(lora => Factors(lora.Source, lora.Target))
            );
        }

        foreach (var file in Networks(pack).GroupBy(network => network.File, StringComparer.Ordinal))
        {
            var shapes = file.SelectMany(Shapes).DistinctBy(weight => weight.Key);
            SafetensorsWriter.Write(
                Path.Combine(folder, pack.Files[file.Key].Name),
                shapes.Select(weight => SafetensorsEntry.Of(weight.Key, weight.Value, () => Random(weight.Key, weight.Value)))
            );
        }

        return folder;
    }

    private static IEnumerable<Network> Networks(ModelPack pack)
    {
        var unet = pack.UNet!;
        foreach (var task in pack.Tasks.Values)
        {
            var stage1 = task.Stage1.Config;
            yield return new Network(stage1.Architecture, stage1, task.Stage1.File, task.Stage1.Prefix);
            if (task.Control is { } control)
            {
                yield return new Network(ControlNet.Architecture, unet.Sizes, control, task.ControlPrefix);
            }
        }

        var (autoencoder, text) = (pack.Autoencoder!, pack.TextEncoder!.Network);
        yield return new Network(UNet.Architecture, unet.Sizes, unet.File, unet.Prefix);
        yield return new Network(AutoencoderKl.Architecture, autoencoder.Sizes, autoencoder.File, autoencoder.Prefix);
        yield return new Network(TextEncoder.Architecture, text.Sizes, text.File, text.Prefix);
    }

    private static IEnumerable<(LoraSource Source, LoraTarget Target)> Loras(ModelPack pack, OneStepSource step) =>
        step
            .Lora.Select(lora => (lora, LoraTarget.Of(pack.UNet!)))
            .Concat(step.EncoderLora.Select(lora => (lora, LoraTarget.Of(pack.AutoencoderSource))));

    /// <summary>The two factors of each weight that a LoRA changes.</summary>
    private static IEnumerable<SafetensorsEntry> Factors(LoraSource source, LoraTarget target)
    {
        const string weight = ".weight";
        const int rank = 2;
        foreach (var (name, shape) in target.Weights.Where(known => known.Key.EndsWith(weight, StringComparison.Ordinal)))
        {
            if (target.ModuleOf(name[..^weight.Length]) is { } module && source.Adapts(module))
            {
                long[] a = [.. shape.ToLongs().Select((size, axis) => axis == 0 ? rank : size)];
                long[] b =
                [
                    .. shape
                        .ToLongs()
                        .Select(
                            (size, axis) =>
                                axis switch
                                {
                                    0 => size,
                                    1 => rank,
                                    _ => 1,
                                }
                        ),
                ];
                yield return Entry("A", a);
                yield return Entry("B", b);

                SafetensorsEntry Entry(string half, long[] sizes)
                {
                    var stored = $"{source.Prefix}{module}.lora_{half}.default{source.AdapterSuffix}.weight";
                    return SafetensorsEntry.Of(stored, sizes, () => Random(stored, sizes));
                }
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, long[]>> Shapes(Network network)
    {
        var graphs = network.Architecture.BuildSmallest(network.Sizes, ParameterScope.Root);
        return WeightFiles.Shapes([.. graphs]).Select(weight => KeyValuePair.Create(network.Prefix + weight.Key, weight.Value));
    }

    /// <summary>Layers with the spread that keeps the variance of what passes through; norms near 1; biases near 0.</summary>
    private static Tensor Random(string name, long[] shape)
    {
        const float small = 0.05f;
        var tensor = new Tensor([.. shape.Select(size => (int)size)]);
        SplitMix64.For(Seed, name).Normal(tensor.Span);
        var isVector = shape.Length == 1;
        var offset = isVector && name.EndsWith(".weight", StringComparison.Ordinal) ? 1f : 0f;
        var spread = isVector ? small : MathF.Sqrt(1f / shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        foreach (ref var value in tensor.Span)
        {
            value = offset + (spread * value);
        }

        return tensor;
    }

    private sealed record Network(Architecture Architecture, object Sizes, string File, string Prefix);
}
