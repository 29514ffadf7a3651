namespace DiffBir.Imaging;

/// <summary>How a pixel lies in memory, channel by channel from the lowest address on; 16-bit values are little-endian, opacity is not multiplied into colors.</summary>
public enum PixelFormat
{
    /// <summary>One byte of gray (ImageSharp's <c>L8</c>, SkiaSharp's <c>Gray8</c>, OpenCV's <c>CV_8UC1</c>).</summary>
    Gray8,

    /// <summary>Red, green, blue (ImageSharp's <c>Rgb24</c>).</summary>
    Rgb24,

    /// <summary>Blue, green, red (OpenCV's <c>CV_8UC3</c>, ImageSharp's <c>Bgr24</c>).</summary>
    Bgr24,

    /// <summary>Red, green, blue, opacity (ImageSharp's <c>Rgba32</c>, SkiaSharp's <c>Rgba8888</c>).</summary>
    Rgba32,

    /// <summary>Blue, green, red, opacity (SkiaSharp's <c>Bgra8888</c>, OpenCV's <c>CV_8UC4</c>).</summary>
    Bgra32,

    /// <summary>Two bytes of gray (ImageSharp's <c>L16</c>, OpenCV's <c>CV_16UC1</c>).</summary>
    Gray16,

    /// <summary>Red, green, blue of two bytes each (ImageSharp's <c>Rgb48</c>).</summary>
    Rgb48,

    /// <summary>Blue, green, red of two bytes each (OpenCV's <c>CV_16UC3</c>).</summary>
    Bgr48,

    /// <summary>Red, green, blue, opacity of two bytes each (ImageSharp's <c>Rgba64</c>).</summary>
    Rgba64,
}
