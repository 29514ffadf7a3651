namespace DiffBir.Sampling;

/// <summary>What a denoising network was trained to predict.</summary>
public enum Parameterization
{
    /// <summary>The noise eps.</summary>
    Eps,

    /// <summary>The velocity v = √ᾱ · eps − √(1 − ᾱ) · x0 (Salimans and Ho, arXiv 2202.00512).</summary>
    V,
}
