namespace DiffBir.Training.Configuration;

/// <summary>How far an image is from its original.</summary>
internal enum PixelLoss
{
    /// <summary>Mean squared error: the most signal-to-noise ratio.</summary>
    Mse,

    /// <summary>Mean absolute error: a little sharper.</summary>
    L1,

    /// <summary>
    /// The logarithm of each image's mean squared error, so that its signal-to-noise ratio rises: images that are little degraded
    /// count as much as hopeless ones.
    /// </summary>
    Psnr,
}
