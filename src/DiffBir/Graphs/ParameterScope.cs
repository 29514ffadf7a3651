namespace DiffBir.Graphs;

/// <summary>Where in a checkpoint a layer's weights are: <c>scope / "norm1"</c> names the layer below.</summary>
/// <param name="Path">The dotted path; empty at the root.</param>
internal readonly record struct ParameterScope(string Path)
{
    /// <summary>The top of a checkpoint.</summary>
    public static ParameterScope Root => new("");

    /// <summary>The layer of this name below.</summary>
    public static ParameterScope operator /(ParameterScope scope, string name) =>
        new(string.IsNullOrEmpty(scope.Path) ? name : $"{scope.Path}.{name}");

    /// <summary>The layer of this number below.</summary>
    public static ParameterScope operator /(ParameterScope scope, int index) => scope / index.ToString();
}
