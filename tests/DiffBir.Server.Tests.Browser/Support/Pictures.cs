using DiffBir.Imaging;
using NetVips;

namespace DiffBir.Server.Tests.Browser.Support;

/// <summary>Small pictures to restore.</summary>
internal static class Pictures
{
    private const int Width = 48;
    private const int Height = 32;

    /// <summary>What a visitor chooses: a small PNG.</summary>
    public static FilePayload Photo(string name = "grandmother.png") =>
        new()
        {
            Name = name,
            MimeType = "image/png",
            Buffer = Encode(ImageFormat.Png),
        };

    /// <summary>What a visitor chooses: a file that is no picture, whatever its name says.</summary>
    public static FilePayload NoPhoto(string name = "letter.png") =>
        new()
        {
            Name = name,
            MimeType = "image/png",
            Buffer = "Dear all, this is not a picture."u8.ToArray(),
        };

    /// <summary>What a visitor chooses: a PNG of which nothing but the beginning is left.</summary>
    public static FilePayload Broken(string name = "scan.png") =>
        new()
        {
            Name = name,
            MimeType = "image/png",
            Buffer = Encode(ImageFormat.Png)[..24],
        };

    /// <summary>What a visitor chooses: a scan, which browsers do not show.</summary>
    public static FilePayload Tiff(string name = "scan.tif") =>
        new()
        {
            Name = name,
            MimeType = "image/tiff",
            Buffer = Encode(ImageFormat.Tiff),
        };

    /// <summary>What a visitor chooses: a photo of a camera that was held upright, 32 by 48, which its file holds lying.</summary>
    /// <param name="name">Its name; a TIFF where that ends so, else a JPEG.</param>
    public static FilePayload Turned(string name)
    {
        using var lying = Image.Black(Width, Height, bands: 3).Copy(interpretation: Enums.Interpretation.Srgb);
        using var turned = lying.Mutate(image => image.Set(GValue.GIntType, "orientation", 6));
        var isTiff = name.EndsWith(".tif", StringComparison.Ordinal);
        return new()
        {
            Name = name,
            MimeType = isTiff ? "image/tiff" : "image/jpeg",
            Buffer = isTiff ? turned.TiffsaveBuffer() : turned.JpegsaveBuffer(),
        };
    }

    /// <summary>What a visitor chooses: two frames that move.</summary>
    public static FilePayload Animation(string name = "moving.gif")
    {
        using var sky = Image.Black(Width, Height, bands: 3);
        using var both = sky.Invert().Join(sky, Enums.Direction.Vertical).Copy(interpretation: Enums.Interpretation.Srgb);
        using var frames = both.Mutate(image => image.Set(GValue.GIntType, "page-height", Height));
        return new()
        {
            Name = name,
            MimeType = "image/gif",
            Buffer = frames.GifsaveBuffer(),
        };
    }

    /// <summary>What a visitor chooses: a photo as an iPhone keeps it, as far as its first bytes go.</summary>
    public static FilePayload Heic(string name) =>
        new()
        {
            Name = name,
            MimeType = "image/heic",
            Buffer = [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[64]],
        };

    /// <summary>What a visitor chooses: a file of a size.</summary>
    public static FilePayload Blank(int bytes) =>
        new()
        {
            Name = "blank.png",
            MimeType = "image/png",
            Buffer = new byte[bytes],
        };

    /// <summary>Writes sample photos with their list into a folder.</summary>
    /// <returns>The folder.</returns>
    public static string WriteSamples(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "hills.png"), Encode(ImageFormat.Png));
        File.WriteAllText(
            Path.Combine(folder, "samples.json"),
            """[{ "file": "hills.png", "title": "Hills", "task": "denoise", "upscale": 2 }]"""
        );
        return folder;
    }

    private static byte[] Encode(ImageFormat format)
    {
        using var photo = Imaging.Photo.Of(Hills());
        using var stream = new MemoryStream();
        ImageFile.Write(photo, stream, new ImageEncoding(format));
        return stream.ToArray();
    }

    /// <summary>Two hills below a bright sky: [1, 3, H, W] in [0, 1].</summary>
    private static Tensor Hills()
    {
        var image01 = new Tensor(1, 3, Height, Width);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var ridge = Height * (0.6 - (0.2 * Math.Sin(x * 0.25)));
                var (red, green, blue) = y < ridge ? (0.75, 0.85, 0.95) : (0.2, 0.45, 0.3);
                image01.Data[(y * Width) + x] = (float)red;
                image01.Data[((Height + y) * Width) + x] = (float)green;
                image01.Data[(((2 * Height) + y) * Width) + x] = (float)blue;
            }
        }

        return image01;
    }
}
