using DiffBir.Graphs;

namespace DiffBir.Engine;

/// <summary>A convolution of an image that was enlarged by repeating its pixels, computed from the small image.</summary>
/// <remarks>
/// Of the 3×3 pixels under a kernel only 2×2 are different; which ones depends on whether row and column are even or odd. So four
/// convolutions of the small image with kernels of 2×2 give the four quarters of the result, with 4/9 of the arithmetic and without the
/// enlarged image, which one thread would write. The kernels are sums of the weight's rows and columns; the runtime computes them when
/// it loads the network.
/// </remarks>
internal sealed partial class OnnxEmitter
{
    private const int Factor = 2; // of the enlargement; the side of the small kernels, too
    private const int KernelSide = 3;
    private const int Quarters = Factor * Factor;

    /// <summary>With fewer channels weaving the quarters takes what the arithmetic saves (docs/adr/0007-inference-speed.md).</summary>
    private const int MinUpsampledChannels = 128;

    /// <summary>
    /// Whether a convolution is computed from the small image. Not with weights that are used where they lie, because sums would be
    /// copies of them, and not elsewhere than on the processor, where nobody measured it.
    /// </summary>
    private bool IsUpsampledConv(Node node) =>
        !_half
        && _device == Device.Cpu
        && node.Operation is Conv2d { Stride: 1, Groups: 1 } conv
        && conv.Padding == Padding.Same(1)
        && node.Inputs[0].Operation is UpsampleNearest { Factor: Factor }
        && node.Inputs[1].Operation is Parameter
        && node.Inputs[1].Shape is [_, >= MinUpsampledChannels, KernelSide, KernelSide]
        && NetworkSession.RepacksWeights(_graph);

    /// <summary>The enlarged images that nothing but such convolutions reads.</summary>
    private HashSet<Node> UnreadUpsamples()
    {
        var unread = _graph.Nodes.Where(IsUpsampledConv).Select(node => node.Inputs[0]).ToHashSet();
        unread.ExceptWith(_graph.Nodes.Where(node => !IsUpsampledConv(node)).SelectMany(node => node.Inputs));
        unread.ExceptWith(_graph.Outputs.Select(output => output.Node));
        return unread;
    }

    private string EmitUpsampledConv(Node node)
    {
        var small = node.Inputs[0].Inputs[0];
        var kernels = EmitSmallKernels(node);
        var rows = new string[Factor];
        var (batch, channels, height, width) = (node.Shape[0], node.Shape[1], small.Shape[2], small.Shape[3]);
        for (var row = 0; row < Factor; row++)
        {
            var columns = new string[Factor];
            for (var column = 0; column < Factor; column++)
            {
                var name = Name(node, $" quarter {row}{column}");
                string[] inputs = [NameOf(small), kernels[(row * Factor) + column], .. node.Inputs.Skip(2).Select(NameOf)];
                // Even rows reach one row up, odd ones one row down.
                var quarter = Node("Conv", name, inputs, Pads(new Padding(1 - row, 1 - column, row, column)));
                columns[column] = EmitReshape($"{name} column", quarter, [batch, channels, height, width, 1]);
            }

            var woven = Node("Concat", Name(node, $" columns of {row}"), columns, Int("axis", 4));
            rows[row] = EmitReshape(Name(node, $" rows {row}"), woven, [batch, channels, height, 1, width * Factor]);
        }

        return EmitReshape(Name(node), Node("Concat", Name(node, " woven"), rows, Int("axis", 3)), node.Shape);
    }

    /// <summary>The kernels of 2×2, one for each quarter: the weight, as rows of nine numbers, times zeros and ones.</summary>
    private string[] EmitSmallKernels(Node node)
    {
        var weight = node.Inputs[1];
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var flat = EmitReshape(Name(node, " kernels"), NameOf(weight), [outputs * inputs, KernelSide * KernelSide]);
        return
        [
            .. Enumerable
                .Range(0, Quarters)
                .Select(quarter =>
                {
                    var name = Name(node, $" kernel {quarter}");
                    var sums = Node("MatMul", $"{name} sums", [flat, SumsOfTaps(quarter / Factor, quarter % Factor)]);
                    return EmitReshape(name, sums, [outputs, inputs, Factor, Factor]);
                }),
        ];
    }

    /// <summary>Which of the nine numbers of a kernel add up to each of the four of a quarter, [9, 4].</summary>
    private string SumsOfTaps(int row, int column)
    {
        var key = $"sums of quarter {row}{column}";
        if (_shared.TryGetValue(key, out var name))
        {
            return name;
        }

        var sums = new Tensor(KernelSide * KernelSide, Quarters);
        for (var tap = 0; tap < KernelSide * KernelSide; tap++)
        {
            var pixel = (PixelUnder(tap / KernelSide, row) * Factor) + PixelUnder(tap % KernelSide, column);
            sums.Span[(tap * Quarters) + pixel] = 1;
        }

        return _shared[key] = Floats(key, sums);
    }

    /// <summary>Which pixel of the small image, counted from the first one that the kernel covers, a row (or column) of the kernel is on.</summary>
    private static int PixelUnder(int tap, int parity) => ((parity + tap + 1) / Factor) - parity;
}
