using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Options;

/// <summary>What a user asks for: a restoration, what is read for it, and how its result is written.</summary>
public sealed record RestorationRequest
{
    /// <summary>The restoration.</summary>
    public RestorationOptions Options { get; init; } = new();

    /// <summary>The format of the result; null: the photo's own.</summary>
    [Option(
        "format",
        OptionGroup.Files,
        "png, jpg, webp or tiff; jpg cannot hold transparency.",
        Otherwise = "by the output's name, else the photo's own"
    )]
    public ImageFormat? Format { get; init; }

    /// <summary>The quality of JPEG and WebP, 1 … 100.</summary>
    [Option("quality", OptionGroup.Files, "The quality of jpg and webp, 1 to 100; webp is lossless at 100.")]
    [AllowedRange(1, 100)]
    public int Quality { get; init; } = new ImageEncoding(ImageFormat.Jpeg).Quality;

    /// <summary>The page of a TIFF, or the frame of a WebP or GIF, from 1; null: the first, of AVIF the main picture.</summary>
    [Option(
        "page",
        OptionGroup.Files,
        "Which page of a TIFF, or which frame of a WebP or GIF, is restored; 1 is the first.",
        Otherwise = "the first, which is said where there are several"
    )]
    [AllowedRange(1)]
    public int? Page { get; init; }

    /// <summary>Reads options that are given as text; whether they are in their ranges is not asked.</summary>
    /// <param name="texts">The options by their names in <see cref="OptionCatalog"/>; those left out keep their defaults.</param>
    /// <exception cref="OptionException">An option is not known, or its text is no value of it.</exception>
    public static RestorationRequest Read(IEnumerable<KeyValuePair<string, string>> texts) =>
        new RestorationRequest().With(texts);

    /// <summary>Reads options that are given as text; whether they are in their ranges is not asked.</summary>
    /// <param name="texts">The options by their names in <see cref="OptionCatalog"/>; those left out keep their defaults.</param>
    /// <param name="pack">The model, whose sampler it is that parameters of samplers change.</param>
    /// <exception cref="OptionException">An option is not known, or its text is no value of it, or the sampler has no such parameter.</exception>
    public static RestorationRequest Read(IEnumerable<KeyValuePair<string, string>> texts, ModelPack pack)
    {
        var sampling = new SamplingOptions { Sampler = SamplerNames.Parse(pack.Defaults.Sampler) };
        return new RestorationRequest { Options = new() { Sampling = sampling } }.With(texts);
    }

    /// <summary>Validates the request and decides all that it leaves open: the one place where a run's options are validated.</summary>
    /// <param name="pack">The model, which decides what is not given.</param>
    /// <exception cref="OptionException">A value is not allowed; the message names the option, the value and what is allowed.</exception>
    internal RestorationSettings Settle(ModelPack pack)
    {
        OptionCatalog.Validate(this);
        if (Options.Size is not null && (Options.LongestSide ?? Options.Upscale) is not null)
        {
            throw new OptionException(
                "A size and a multiple or a longest side contradict each other. Give one of --size, --upscale and --longest-side.",
                "size"
            );
        }

        var settings = RestorationSettings.Of(Options, pack);
        settings.Validate(pack);
        return settings;
    }

    // A sampler comes before its parameters, in whichever order they are given.
    private RestorationRequest With(IEnumerable<KeyValuePair<string, string>> texts) =>
        texts
            .Select(text => (Option: OptionCatalog.Find(text.Key), text.Value))
            .OrderBy(given => given.Option.Samplers is not null)
            .Aggregate(this, (request, given) => given.Option.Set(request, given.Value));
}
