using System.Text;
using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging;

/// <summary>Kinds of pictures that are not read are told by content and by name, and what to do is said.</summary>
public sealed class UnreadFormatTests
{
    [Theory]
    [InlineData("\0\0\0 ftypheic", "HEIC", "Export it as JPEG")]
    [InlineData("\0\0\0 ftypmif1", "HEIC", "heif-convert")]
    [InlineData("BM6", "BMP", "Save it as PNG")]
    [InlineData("\0\0\0\u000cjP  \r\n", "JPEG 2000", "opj_decompress")]
    [InlineData("\u00ff\u004f\u00ff\u0051", "JPEG 2000", "opj_decompress")]
    [InlineData("\u00ff\n", "JPEG XL", "djxl")]
    [InlineData("8BPS", "Photoshop", "Save a copy")]
    public void A_file_is_told_by_its_content_whatever_its_name(string content, string kind, string remedy)
    {
        using var folder = new TemporaryFolder();
        folder.Write("picture.png", Encoding.Latin1.GetBytes(content));
        var path = folder.File("picture.png");

        var message = Should.Throw<ImageException>(() => ImageFile.Read(path)).Message;

        message.ShouldStartWith(
            $"{path} is not read: its format is {kind}, and PNG, JPEG, WebP, TIFF, AVIF or GIF files are taken. "
        );
        message.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("a.HEIC", "HEIC")]
    [InlineData("a.hif", "HEIC")]
    [InlineData("a.jp2", "JPEG 2000")]
    [InlineData("a.NEF", "camera raw")]
    [InlineData("a.png", null)]
    [InlineData("a", null)]
    public void A_file_is_told_by_its_name_before_it_is_opened(string name, string? kind) =>
        (UnreadFormat.FromExtension(name)?.Name).ShouldBe(kind);
}
