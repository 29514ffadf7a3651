namespace DiffBir.Cli.Usage;

/// <summary>Where downloaded models are kept.</summary>
internal static class ModelFolder
{
    private const string Variable = "DIFFBIR_MODELS";

    /// <summary>The folder that the environment names, else one in the user's local application data.</summary>
    public static string Default =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
            ? folder
            : Path.Combine(
                Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData,
                    Environment.SpecialFolderOption.DoNotVerify
                ),
                "diffbir",
                "models"
            );
}
