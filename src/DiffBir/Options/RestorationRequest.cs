using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Options;

/// <summary>What a user asks for: a restoration, and how its result is written.</summary>
public sealed record RestorationRequest
{
    /// <summary>The restoration.</summary>
    public RestorationOptions Options { get; init; } = new();

    /// <summary>The format of the result; null: the photo's own.</summary>
    public ImageFormat? Format { get; init; }

    /// <summary>The quality of JPEG and WebP, 1 … 100.</summary>
    public int Quality { get; init; } = new ImageEncoding(ImageFormat.Jpeg).Quality;

    /// <summary>The sampler's name; null: the pack's.</summary>
    internal string? Sampler { get; init; }

    /// <summary>The sampler's parameters.</summary>
    internal SamplerParameters SamplerParameters { get; init; }

    /// <summary>Reads options that are given as text.</summary>
    /// <param name="pack">The model, which decides what is not given.</param>
    /// <param name="texts">The options by their names in <see cref="OptionCatalogue"/>; those left out keep their defaults.</param>
    /// <exception cref="OptionException">An option is not known or has a value that is not allowed.</exception>
    public static RestorationRequest Read(ModelPack pack, IEnumerable<KeyValuePair<string, string>> texts)
    {
        var request = texts.Aggregate(
            new RestorationRequest(),
            (request, text) => OptionCatalogue.Find(text.Key).Set(request, text.Value)
        );
        OptionCatalogue.Require(request);
        request = request with { Options = request.WithSampler(pack) };
        request.Options.Validate();
        return request;
    }

    private RestorationOptions WithSampler(ModelPack pack)
    {
        var sampler = SamplerNames.Parse(Sampler ?? pack.Defaults.Sampler, SamplerParameters);
        return Options with { Sampling = Options.Sampling with { Sampler = sampler } };
    }
}
