namespace DiffBir.Cli.Display;

/// <summary>What went wrong with a photo, on one line that names it once: many sentences begin with it.</summary>
internal static class FailureText
{
    /// <summary>The line.</summary>
    /// <param name="input">The photo's path.</param>
    /// <param name="problem">What went wrong, in a sentence.</param>
    public static string Of(string input, string problem) =>
        Printable.Line(problem.StartsWith($"{input} ", StringComparison.Ordinal) ? problem : $"{input}: {problem}");
}
