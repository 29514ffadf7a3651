using DiffBir.Imaging;

namespace DiffBir.Options;

/// <summary>How the result is written.</summary>
internal static class OptionsOfFiles
{
    public static RestorationOption[] All() =>
        [
            new RestorationOption<ImageFormat>(
                "format",
                OptionGroup.Files,
                new ChoiceFormat<ImageFormat>(
                    ("png", ImageFormat.Png),
                    ("jpg", ImageFormat.Jpeg),
                    ("webp", ImageFormat.WebP),
                    ("tiff", ImageFormat.Tiff)
                ),
                request => request.Format,
                (request, value) => request with { Format = value },
                "png, jpg, webp or tiff; jpg cannot hold transparency."
            )
            {
                Otherwise = "by the output's name, else the photo's own",
            },
            new RestorationOption<int>(
                "quality",
                OptionGroup.Files,
                new NumberFormat<int>(1, 100),
                request => request.Quality,
                (request, value) => request with { Quality = value },
                "The quality of jpg and webp, 1 to 100; webp is lossless at 100."
            ),
        ];
}
