namespace DiffBir.Graphs;

/// <summary>The rule of attention.</summary>
/// <remarks>
/// The probabilities are computed again, some queries at a time, so that memory grows with the number of pixels and not with
/// its square. The row sums of dP·P are those of dO·O (Dao et al., "FlashAttention", arXiv 2205.14135, appendix B).
/// </remarks>
internal sealed partial class GradientBuilder
{
    private const int ScoreElements = 1 << 24; // scores at a time: 64 MiB, large enough for full speed

    private void OfAttention(Attention attention, Node node, Node dy)
    {
        var (q, k, v) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        var bias = node.Inputs.Count > 3 ? node.Inputs[3] : null;
        var heads = attention.Heads;
        var scale = 1 / Math.Sqrt(q.Shape[2] / heads);
        var queries = _g.Affine(SplitHeads(q, heads), scale); // (B, heads, N, D)
        var keys = SplitHeads(k, heads);
        var values = SplitHeads(v, heads);
        var dOutput = SplitHeads(dy, heads);
        var rowSums = _g.Sum(_g.Mul(dOutput, SplitHeads(node, heads)), 3); // (B, heads, N, 1)

        List<Node> dQueries = [];
        List<Node> dBiases = [];
        var (dKeys, dValues) = ((Node?)null, (Node?)null);
        foreach (var (start, length) in Rows(q.Shape, k.Shape[1], heads))
        {
            var (someQueries, someOutput) = (Part(queries), Part(dOutput));
            var scores = _g.MatMul(someQueries, keys, transposeB: true);
            if (bias is not null)
            {
                scores = _g.Add(scores, Part(bias));
            }

            var p = _g.Softmax(scores); // (B, heads, rows, M)
            dValues = Plus(dValues, _g.MatMul(p, someOutput, transposeA: true));
            var dp = _g.MatMul(someOutput, values, transposeB: true);
            var dScores = _g.Mul(p, _g.Sub(dp, Part(rowSums)));
            dQueries.Add(_g.MatMul(dScores, keys));
            dKeys = Plus(dKeys, _g.MatMul(dScores, someQueries, transposeA: true));
            if (bias is not null && _onPath.Contains(bias))
            {
                dBiases.Add(Unstretch(dScores, bias.Shape.With(2, length)));
            }

            Node Part(Node x) => _g.Slice(x, 2, start, length);
        }

        Give(q, () => JoinHeads(_g.Affine(_g.Concat(2, [.. dQueries]), scale)));
        Give(k, () => JoinHeads(dKeys!));
        Give(v, () => JoinHeads(dValues!));
        if (bias is not null)
        {
            Give(bias, () => _g.Concat(2, [.. dBiases]));
        }
    }

    private Node Plus(Node? sum, Node share) => sum is null ? share : _g.Add(sum, share);

    private static IEnumerable<(int Start, int Length)> Rows(Shape q, int keys, int heads)
    {
        var rows = (int)Math.Clamp(ScoreElements / ((long)q[0] * heads * keys), 1, q[1]);
        for (var start = 0; start < q[1]; start += rows)
        {
            yield return (start, Math.Min(rows, q[1] - start));
        }
    }

    // (B, N, C) to (B, heads, N, C/heads)
    private Node SplitHeads(Node x, int heads)
    {
        var (batch, length, features) = (x.Shape[0], x.Shape[1], x.Shape[2] / heads);
        return heads == 1
            ? _g.Reshape(x, batch, 1, length, features)
            : _g.Transpose(_g.Reshape(x, batch, length, heads, features), 0, 2, 1, 3);
    }

    // (B, heads, N, D) to (B, N, heads·D)
    private Node JoinHeads(Node x)
    {
        var (batch, heads, length, features) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var joined = heads == 1 ? x : _g.Transpose(x, 0, 2, 1, 3);
        return _g.Reshape(joined, batch, length, heads * features);
    }
}
