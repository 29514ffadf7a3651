namespace DiffBir.Training.Configuration;

/// <summary>How far an image is from its original.</summary>
public enum PixelLoss
{
    /// <summary>Mean squared error: the most signal-to-noise ratio.</summary>
    Mse,

    /// <summary>Mean absolute error: a little sharper.</summary>
    L1,
}
