using System.Text;
using System.Text.RegularExpressions;

namespace DiffBir.Imaging.Metadata;

/// <summary>XMP as it is carried from an input to an output.</summary>
internal static partial class XmpText
{
    /// <summary>The same XMP with its orientation, where it has one, reset to 1; null where the bytes are no UTF-8 text.</summary>
    public static byte[]? Upright(byte[] xmp)
    {
        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(
                xmp.AsSpan().TrimEnd((byte)0)
            );
            return Encoding.UTF8.GetBytes(Orientation().Replace(text, "${name}1"));
        }
        catch (Exception error) when (error is DecoderFallbackException or RegexMatchTimeoutException)
        {
            return null;
        }
    }

    // tiff:Orientation="6", or <tiff:Orientation>6<
    [GeneratedRegex(
        """(?<name>tiff:Orientation\s*(=\s*["']|>)\s*)[2-8]""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Orientation();
}
