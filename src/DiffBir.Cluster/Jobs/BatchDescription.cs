namespace DiffBir.Cluster.Jobs;

/// <summary>What all jobs of a batch share. A worker reads it before it takes any of them.</summary>
/// <param name="Id">Made of inputs, output and recipe: the same command, given again, goes on with the same batch.</param>
/// <param name="Output">The folder of the results, as all machines see it.</param>
/// <param name="Recipe">How results are made.</param>
internal sealed record BatchDescription(string Id, string Output, Recipe Recipe)
{
    private const int IdDigits = 16;

    /// <summary>Names a batch.</summary>
    /// <param name="inputs">Files and folders, as they were given.</param>
    /// <param name="output">The folder of the results.</param>
    /// <param name="recipe">How results are made.</param>
    public static BatchDescription Of(IEnumerable<string> inputs, string output, Recipe recipe) =>
        new(JobHash.Of([.. inputs, output, recipe.Hash()])[..IdDigits], output, recipe);

    /// <summary>Whether a text has the form of a batch's name.</summary>
    public static bool IsId(string text) => text.Length == IdDigits && text.All(char.IsAsciiHexDigitLower);
}
