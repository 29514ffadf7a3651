namespace DiffBir.Imaging;

/// <summary>How the pixels of a TIFF file are compressed: the ways that are written. All but JPEG are lossless.</summary>
public enum TiffCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Lempel, Ziv and Welch's.</summary>
    Lzw,

    /// <summary>That of zip and PNG.</summary>
    Deflate,

    /// <summary>Runs of equal bytes.</summary>
    PackBits,

    /// <summary>JPEG inside of TIFF: lossy, 8 bits, no transparency.</summary>
    Jpeg,
}
