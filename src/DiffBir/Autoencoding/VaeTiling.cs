namespace DiffBir.Autoencoding;

/// <summary>How the autoencoder's tiles are joined.</summary>
public enum VaeTiling
{
    /// <summary>Tiles share the statistics of the whole image: no seams, next to no difference from no tiles at all.</summary>
    Exact,

    /// <summary>As the original's v2.1.0: shared statistics, approximately.</summary>
    Synchronized,

    /// <summary>As the original's v2.0.0: independent tiles, blended.</summary>
    Blended,
}
