namespace DiffBir.Options;

/// <summary>Options that belong together.</summary>
/// <param name="Key">A stable name for programs.</param>
/// <param name="Title">A heading for people.</param>
public sealed record OptionGroup(string Key, string Title)
{
    /// <summary>What everybody may want to change.</summary>
    public static OptionGroup Result { get; } = new("result", "The result");

    /// <summary>How the result is written.</summary>
    public static OptionGroup Files { get; } = new("files", "Files");

    /// <summary>What the computation may use. Who runs the machine decides on these, not who sends it a photo.</summary>
    public static OptionGroup Computation { get; } = new("computation", "Memory and speed");

    /// <summary>How the picture is generated.</summary>
    public static OptionGroup Generation { get; } = new("generation", "For experts: generation");

    /// <summary>How the picture is kept near the cleaned photo.</summary>
    public static OptionGroup Guidance { get; } = new("guidance", "For experts: guidance towards the cleaned photo");
}
