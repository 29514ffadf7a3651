namespace DiffBir.Training.Configuration;

/// <summary>Names of the networks that runs write: their files in a run's folder, and their keys in a pack.</summary>
internal static class NetworkNames
{
    /// <summary>Degradation removal.</summary>
    public const string Stage1 = "stage1";

    /// <summary>Autoencoder.</summary>
    public const string Autoencoder = "autoencoder";

    /// <summary>Diffusion UNet.</summary>
    public const string UNet = "unet";

    /// <summary>IRControlNet.</summary>
    public const string Control = "control";

    /// <summary>Generator that needs one evaluation.</summary>
    public const string Generator = "generator";
}
