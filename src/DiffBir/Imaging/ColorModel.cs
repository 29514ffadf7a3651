namespace DiffBir.Imaging;

/// <summary>How an image file says color.</summary>
public enum ColorModel
{
    /// <summary>Three channels: red, green, blue.</summary>
    Rgb,

    /// <summary>One channel.</summary>
    Gray,
}
