namespace DiffBir.Imaging;

/// <summary>Where a generated image gets its colors from.</summary>
public enum ColorFix
{
    /// <summary>Its low frequencies are replaced by those of the image that it was generated from (<see cref="WaveletColorFix"/>).</summary>
    Wavelet,

    /// <summary>Each channel gets the mean and the spread that it has in the image that it was generated from (<see cref="AdaptiveColorFix"/>).</summary>
    AdaIn,

    /// <summary>It keeps those that it was generated with.</summary>
    None,
}
