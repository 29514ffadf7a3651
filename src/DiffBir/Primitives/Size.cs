namespace DiffBir.Primitives;

/// <summary>How large an image is in pixels, or a latent in latent pixels.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size(int Height, int Width)
{
    /// <summary>The shorter side.</summary>
    internal int Shorter => Math.Min(Height, Width);

    /// <summary>The longer side.</summary>
    internal int Longer => Math.Max(Height, Width);

    /// <summary>The size times a factor, rounded down, but no side below 1; at most <see cref="int.MaxValue"/> on a side.</summary>
    internal Size Scaled(double factor) => new(Math.Max(1, (int)(Height * factor)), Math.Max(1, (int)(Width * factor)));
}
