using System.Runtime.InteropServices;
using DiffBir.Checkpoints;
using DiffBir.Graphs;
using DiffBir.Packs.Lora;

namespace DiffBir.Bench;

/// <summary>Full-size weights without any download: random numbers of the usual spread under the official names.</summary>
internal static class SyntheticWeights
{
    private const int BlockElements = 1 << 20;

    /// <summary>Weights for a graph, written to <paramref name="folder"/> once and kept.</summary>
    public static Weights For(Graph graph, string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileOf(graph));
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"Writing {path} ...");
            Write(graph, path);
        }

        return Weights.From(Checkpoint.Open(path));
    }

    /// <summary>The name of a graph's file.</summary>
    public static string FileOf(Graph graph) => $"{graph.Name.Replace(' ', '-')}.safetensors";

    /// <summary>Writes weights for a graph into a file.</summary>
    public static void Write(Graph graph, string path)
    {
        var block = RandomBlock();
        SafetensorsWriter.Write(path, graph.Parameters.Select(node => Entry(node, block)));
    }

    /// <summary>Writes a LoRA for a network, unless it is there: of rank 256, or 4 where the network's matrices are smaller.</summary>
    public static void WriteLora(LoraTarget target, LoraSource source, string path)
    {
        const string weight = ".weight";
        const int officialRank = 256;
        const int smallRank = 4;
        if (File.Exists(path))
        {
            return;
        }

        Console.Error.WriteLine($"Writing {path} ...");
        var block = RandomBlock();
        var adapted = target
            .Weights.Where(known => known.Key.EndsWith(weight, StringComparison.Ordinal))
            .Select(known => (Module: target.ModuleOf(known.Key[..^weight.Length]), Shape: known.Value))
            .Where(known => known.Module is { } module && source.Adapts(module))
            .ToList();
        var rank = adapted.Max(known => known.Shape[0]) > officialRank ? officialRank : smallRank;
        SafetensorsWriter.Write(
            path,
            adapted.SelectMany(known =>
            {
                long[] a = [rank, .. known.Shape.ToLongs().Skip(1)];
                long[] b = [known.Shape[0], rank, .. known.Shape.Skip(2).Select(_ => 1L)];
                return (SafetensorsEntry[])
                    [Factor($"{known.Module}.lora_A.default.weight", a), Factor($"{known.Module}.lora_B.default.weight", b)];
            })
        );

        SafetensorsEntry Factor(string name, long[] shape)
        {
            const float small = 0.003f; // the product changes a weight, but not what passes through it by much
            var elements = shape.Aggregate(1L, (product, size) => product * size);
            return new(source.Prefix + name, ElementType.Float32, shape, stream => Write(stream, elements, block, 0, small));
        }
    }

    private static SafetensorsEntry Entry(Node node, float[] block)
    {
        var name = ((Parameter)node.Operation).Name;
        long[] shape = node.Shape.ToLongs();
        // Norms: scale 1. Layers: the spread that keeps the variance of what passes through.
        var isVector = shape.Length == 1;
        var isScale = isVector && name.EndsWith(".weight", StringComparison.Ordinal);
        var spread = isVector ? 0.01f : MathF.Sqrt(3f / shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        return new SafetensorsEntry(
            name,
            ElementType.Float32,
            shape,
            stream => Write(stream, node.Shape.Elements, block, isScale ? 1 : 0, spread)
        );
    }

    private static void Write(Stream stream, long count, float[] block, float offset, float spread)
    {
        var scaled = new float[(int)Math.Min(count, block.Length)];
        for (var index = 0; index < scaled.Length; index++)
        {
            scaled[index] = offset + (spread * block[index]);
        }

        for (; count > 0; count -= scaled.Length)
        {
            stream.Write(MemoryMarshal.AsBytes(scaled.AsSpan(0, (int)Math.Min(count, scaled.Length))));
        }
    }

    // Uniform in [-1, 1): a multiplicative congruential generator is random enough for timing.
    private static float[] RandomBlock()
    {
        var block = new float[BlockElements];
        ulong state = 1;
        for (var index = 0; index < block.Length; index++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            block[index] = (int)(state >> 32) / (float)int.MaxValue;
        }

        return block;
    }
}
