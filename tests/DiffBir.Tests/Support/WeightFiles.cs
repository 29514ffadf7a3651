using System.Text.Json;
using DiffBir.Checkpoints;
using DiffBir.Graphs;

namespace DiffBir.Tests.Support;

/// <summary>Writes checkpoints that have a network's names and shapes, and zeros for weights.</summary>
internal static class WeightFiles
{
    private static readonly byte[] Zeros = new byte[1 << 16];

    /// <summary>The names and shapes of a network's weights.</summary>
    public static Dictionary<string, long[]> Shapes(params ReadOnlySpan<Graph> graphs)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var graph in graphs)
        {
            foreach (var parameter in graph.Parameters)
            {
                shapes[((Parameter)parameter.Operation).Name] = parameter.Shape.ToLongs();
            }
        }

        return shapes;
    }

    public static Checkpoint Write(
        string path,
        IReadOnlyDictionary<string, long[]> shapes,
        ElementType type = ElementType.Float16
    )
    {
        SafetensorsWriter.Write(
            path,
            shapes.Select(pair => new SafetensorsEntry(
                pair.Key,
                type,
                pair.Value,
                stream => WriteZeros(stream, pair.Value.Aggregate(1L, (a, b) => a * b) * type.Size())
            ))
        );
        return Checkpoint.Open(path);
    }

    /// <summary>The same without writing the zeros: a header and a hole, for shapes of any size.</summary>
    public static Checkpoint Sparse(string path, IReadOnlyDictionary<string, long[]> shapes)
    {
        long end = 0;
        var header = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, shape) in shapes)
        {
            var start = end;
            end += shape.Aggregate(1L, (a, b) => a * b);
            header[name] = new
            {
                dtype = "U8",
                shape,
                data_offsets = new[] { start, end },
            };
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        using (var stream = File.Create(path))
        {
            stream.Write(BitConverter.GetBytes((long)json.Length));
            stream.Write(json);
            stream.SetLength(stream.Position + end);
        }

        return Checkpoint.Open(path);
    }

    private static void WriteZeros(Stream stream, long count)
    {
        for (; count > 0; count -= Zeros.Length)
        {
            stream.Write(Zeros, 0, (int)Math.Min(count, Zeros.Length));
        }
    }
}
