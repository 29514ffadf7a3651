using DiffBir.Engine;
using DiffBir.Sampling;

namespace DiffBir.Options;

/// <summary>Makes options of the properties that they are.</summary>
internal static class Knob
{
    /// <summary>What decides where nothing is given.</summary>
    public const string OfTheModel = "the model's";

    /// <summary>An option that is a property of <see cref="RestorationOptions"/>.</summary>
    public static RestorationOption<T> Of<T>(
        string name,
        OptionGroup group,
        OptionFormat<T> format,
        Func<RestorationOptions, object?> get,
        Func<RestorationOptions, T, RestorationOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        new(
            name,
            group,
            format,
            request => get(request.Options),
            (request, value) => request with { Options = set(request.Options, value) },
            help
        )
        {
            Otherwise = otherwise,
        };

    /// <summary>An option that is a property of <see cref="SamplingOptions"/>.</summary>
    public static RestorationOption<T> Sampling<T>(
        string name,
        OptionGroup group,
        OptionFormat<T> format,
        Func<SamplingOptions, object?> get,
        Func<SamplingOptions, T, SamplingOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        Of(
            name,
            group,
            format,
            options => get(options.Sampling),
            (options, value) => options with { Sampling = set(options.Sampling, value) },
            help,
            otherwise
        );

    /// <summary>An option that is a property of <see cref="GuidanceOptions"/>.</summary>
    public static RestorationOption<T> Guidance<T>(
        string name,
        OptionGroup group,
        OptionFormat<T> format,
        Func<GuidanceOptions, object?> get,
        Func<GuidanceOptions, T, GuidanceOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        Of(
            name,
            group,
            format,
            options => get(options.Guidance),
            (options, value) => options with { Guidance = set(options.Guidance, value) },
            help,
            otherwise
        );

    /// <summary>An option that is a property of <see cref="TilingOptions"/>.</summary>
    public static RestorationOption<T> Tiling<T>(
        string name,
        OptionFormat<T> format,
        Func<TilingOptions, object?> get,
        Func<TilingOptions, T, TilingOptions> set,
        string help,
        string? otherwise = null
    )
        where T : notnull =>
        Of(
            name,
            OptionGroup.Computation,
            format,
            options => get(options.Tiling),
            (options, value) => options with { Tiling = set(options.Tiling, value) },
            help,
            otherwise
        );

    /// <summary>An option that is a property of <see cref="EngineOptions"/>.</summary>
    public static RestorationOption<T> Engine<T>(
        string name,
        OptionFormat<T> format,
        Func<EngineOptions, object?> get,
        Func<EngineOptions, T, EngineOptions> set,
        string help
    )
        where T : notnull =>
        Of(
            name,
            OptionGroup.Computation,
            format,
            options => get(options.Engine),
            (options, value) => options with { Engine = set(options.Engine, value) },
            help
        );

    /// <summary>An option that is a parameter of some samplers.</summary>
    public static RestorationOption<T> OfSampler<T>(
        string name,
        OptionFormat<T> format,
        Func<SamplerParameters, object?> get,
        Func<SamplerParameters, T, SamplerParameters> set,
        string help,
        IReadOnlyList<string> samplers
    )
        where T : notnull =>
        new(
            name,
            OptionGroup.Generation,
            format,
            request => get(request.SamplerParameters),
            (request, value) => request with { SamplerParameters = set(request.SamplerParameters, value) },
            help
        )
        {
            Samplers = samplers,
        };
}
