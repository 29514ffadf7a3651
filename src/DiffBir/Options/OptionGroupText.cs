namespace DiffBir.Options;

/// <summary>Names of the groups of options.</summary>
internal static class OptionGroupText
{
    /// <summary>Stable name for programs.</summary>
    public static string Key(this OptionGroup group) => group.ToString().ToLowerInvariant();

    /// <summary>Heading for people.</summary>
    public static string Title(this OptionGroup group) =>
        group switch
        {
            OptionGroup.Result => "The result",
            OptionGroup.Faces => "Faces in a whole photo",
            OptionGroup.Files => "Files",
            OptionGroup.Computation => "Memory and speed",
            OptionGroup.Generation => "For experts: generation",
            OptionGroup.Guidance => "For experts: guidance towards the cleaned photo",
            OptionGroup.OneStep => "For models of one step",
            _ => throw new ArgumentOutOfRangeException(nameof(group), group, "Not a group of options."),
        };
}
