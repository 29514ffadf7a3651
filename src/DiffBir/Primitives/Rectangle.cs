namespace DiffBir.Primitives;

/// <summary>A part of an image in pixels, or of a latent in latent pixels.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
internal readonly record struct Rectangle(int Top, int Left, int Height, int Width)
{
    /// <summary>How many pixels it has.</summary>
    public int Pixels => Height * Width;

    /// <summary>Whether it has pixels, and all of them lie in an area of some rows and columns that begins at 0.</summary>
    public bool IsInside(int height, int width) =>
        Top >= 0 && Left >= 0 && Height >= 1 && Width >= 1 && Top <= height - Height && Left <= width - Width;

    /// <summary>The rectangle in a finer unit.</summary>
    /// <param name="factor">Pixels there for each pixel here.</param>
    public Rectangle Times(int factor) => new(Top * factor, Left * factor, Height * factor, Width * factor);
}
