namespace DiffBir.Graphs;

/// <summary>The computation of one rectangle of a network's output, from just the part of its input that the rectangle depends on.</summary>
/// <remarks>
/// Exact: no value is computed with less than its true surroundings, and hardly any that is not needed, because each layer is
/// cut to what the layers after it read. Convolutions pad only where the rectangle touches the image's border.
/// </remarks>
internal sealed class RegionGraph
{
    private readonly GraphBuilder _g;
    private readonly Graph _whole;
    private readonly Region _region;
    private readonly Dictionary<Node, Region> _needed = [];
    private readonly Dictionary<Node, Node> _copies = [];

    /// <summary>Cuts a rectangle out of a network.</summary>
    /// <param name="whole">The network on the whole image; it has one output.</param>
    /// <param name="region">The rectangle of the output.</param>
    /// <exception cref="ShapeException">The rectangle depends on a value through an operation that is not local.</exception>
    public RegionGraph(Graph whole, Region region)
    {
        (_whole, _region, _g) = (whole, region, new GraphBuilder(whole.Name));
        var (name, output) = whole.Outputs.Single();
        FindNeeds(output);
        foreach (var node in whole.Nodes.Where(_needed.ContainsKey))
        {
            _copies[node] = Copy(node);
        }

        Graph = _g.Build((name, _copies[output]));
        Inputs = whole
            .Inputs.Where(_needed.ContainsKey)
            .ToDictionary(node => ((Input)node.Operation).Name, node => _needed[node]);
        Signature = string.Join(' ', Graph.Nodes.Select(Describe));
    }

    /// <summary>The computation.</summary>
    public Graph Graph { get; }

    /// <summary>The part of each input that is read.</summary>
    public IReadOnlyDictionary<string, Region> Inputs { get; }

    /// <summary>Equal for two rectangles of one network just where their computations are equal.</summary>
    public string Signature { get; }

    /// <summary>The rectangle's own share of a value of the whole network, in coordinates of the part that is computed.</summary>
    /// <remarks>The shares of rectangles that tile the output tile the value.</remarks>
    public Region Share(Node node) => _region.Scale(_whole.Outputs[0].Node.Shape, node.Shape).RelativeTo(_needed[node]);

    /// <summary>What computes the part of a value of the whole network.</summary>
    public Node this[Node node] => _copies[node];

    private void FindNeeds(Node output)
    {
        _needed[output] = _region;
        foreach (var node in _whole.Nodes.Reverse().Where(_needed.ContainsKey))
        {
            for (var index = 0; index < node.Inputs.Count; index++)
            {
                Need(node.Inputs[index], Read(node, index));
            }
        }
    }

    private void Need(Node node, Region region) =>
        _needed[node] = _needed.TryGetValue(node, out var known) ? known.Hull(region) : region;

    /// <summary>The part of an input that the needed part of a node is computed from.</summary>
    private Region Read(Node node, int index)
    {
        var (input, needed) = (node.Inputs[index], _needed[node]);
        return node.Operation switch
        {
            Conv2d conv when index == 0 => Window(node, conv).Read,
            UpsampleNearest upsample => new(Shrink(needed.Rows, upsample.Factor), Shrink(needed.Columns, upsample.Factor)),
            PRelu when index == 0 => needed,
            Unary or LeakyRelu or Affine or Concat { Axis: 1 } or Slice { Axis: 1 } => needed,
            Binary when input.Shape.Rank == 4 => new(
                input.Shape[2] == node.Shape[2] ? needed.Rows : new(0, 1),
                input.Shape[3] == node.Shape[3] ? needed.Columns : new(0, 1)
            ),
            _ when input.Operation is Parameter || needed == All(node) => All(input),
            _ => throw new ShapeException(
                $"{_whole.Name} {node.Layer}: {node.Operation} cannot be computed on a part of an image."
            ),
        };
    }

    private Node Copy(Node node)
    {
        Node[] parts = [.. node.Inputs.Select((input, index) => Part(input, Read(node, index)))];
        _g.CurrentLayer = node.Layer;
        return node.Operation switch
        {
            Input input when node.Shape.Rank == 4 => _g.Input(input.Name, SizeOf(node)),
            Conv2d conv => _g.Append(conv with { Padding = Window(node, conv).Padding }, parts),
            UpsampleNearest upsample => Cut(_g.Append(upsample, parts), Read(node, 0).Enlarge(upsample.Factor), _needed[node]),
            _ => _g.Copy(node, parts),
        };
    }

    /// <summary>What a convolution reads, and how far that reaches beyond the image's border.</summary>
    private (Region Read, Padding Padding) Window(Node node, Conv2d conv)
    {
        var (x, kernel, needed) = (node.Inputs[0].Shape, node.Inputs[1].Shape, _needed[node]);
        var (rows, top, bottom) = Along(needed.Rows, conv.Padding.Top, kernel[2], x[2]);
        var (columns, left, right) = Along(needed.Columns, conv.Padding.Left, kernel[3], x[3]);
        return (new(rows, columns), new(top, left, bottom, right));

        (Extent Read, int Before, int After) Along(Extent extent, int padding, int width, int size)
        {
            var start = (extent.Start * conv.Stride) - padding;
            var end = ((extent.End - 1) * conv.Stride) - padding + width;
            var read = new Extent(Math.Max(0, start), Math.Min(size, end));
            return (read, read.Start - start, end - read.End);
        }
    }

    private Node Part(Node node, Region region) =>
        node.Shape.Rank == 4 ? Cut(_copies[node], _needed[node], region) : _copies[node];

    private Node Cut(Node part, Region computed, Region wanted)
    {
        var (rows, columns) = wanted.RelativeTo(computed);
        part = _g.Slice(part, 2, rows.Start, rows.Length);
        return _g.Slice(part, 3, columns.Start, columns.Length);
    }

    private Shape SizeOf(Node node) => node.Shape.With(2, _needed[node].Rows.Length).With(3, _needed[node].Columns.Length);

    private static Region All(Node node) => node.Shape.Rank == 4 ? Region.WholeOf(node.Shape) : default;

    private static Extent Shrink(Extent extent, int factor) => new(extent.Start / factor, Ceiling.Divide(extent.End, factor));

    // Sizes and cuts are all that differs between rectangles of one network.
    private static string Describe(Node node) =>
        node.Operation switch
        {
            Input => node.Shape.ToString(),
            Conv2d conv => conv.Padding.ToString(),
            Slice slice => $"{slice.Axis}:{slice.Start}+{slice.Length}",
            _ => "",
        };
}
