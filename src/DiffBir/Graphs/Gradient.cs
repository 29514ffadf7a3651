namespace DiffBir.Graphs;

/// <summary>Differentiates a part of a graph by appending the computation of its gradient to the same graph.</summary>
/// <remarks>
/// <para>
/// Reverse mode: cotangents flow from the output towards the requested values through the operations' vector-Jacobian
/// products, all of them written in the operations of graphs, so a gradient runs wherever its network runs. Weights are
/// constants. Only what lies on a path from a requested value to the output is differentiated. Forward values are used
/// again, not computed again, with two exceptions that save memory: the results of norms, and the probabilities of attention.
/// </para>
/// <para>
/// At points without a derivative the gradient is that of PyTorch: 0 for the ReLU and the slope for the leaky ReLU at 0.
/// Indices (<see cref="Gather"/>) and steps have no gradient.
/// </para>
/// </remarks>
internal static class Gradient
{
    /// <summary>Appends the product of a cotangent and the Jacobian of an output.</summary>
    /// <param name="g">The builder that made the nodes.</param>
    /// <param name="output">The value to differentiate.</param>
    /// <param name="cotangent">
    /// The derivative of a loss with respect to <paramref name="output"/>, of the same shape; may itself be computed from the output.
    /// </param>
    /// <param name="withRespectTo">Inputs or intermediate values, taken as independent of each other.</param>
    /// <returns>
    /// The derivative of the loss with respect to each of <paramref name="withRespectTo"/>, of its shape; zeros where the output
    /// does not depend on it.
    /// </returns>
    /// <exception cref="ShapeException">The cotangent does not have the output's shape.</exception>
    /// <exception cref="GradientException">A path leads through the weight of a convolution, a linear layer or a norm.</exception>
    public static IReadOnlyList<Node> Append(GraphBuilder g, Node output, Node cotangent, params ReadOnlySpan<Node> withRespectTo)
    {
        if (!cotangent.Shape.Equals(output.Shape))
        {
            throw new ShapeException(
                $"{g.Name}: the cotangent of a value {output.Shape} must have its shape, got {cotangent.Shape}."
            );
        }

        var layer = g.CurrentLayer;
        try
        {
            return new GradientBuilder(g, output, withRespectTo.ToArray()).Append(cotangent);
        }
        finally
        {
            g.CurrentLayer = layer;
        }
    }
}

/// <summary>A gradient was asked for that is not supported.</summary>
internal sealed class GradientException(string message) : DiffBirException(message);
