using System.Reflection;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Options;

/// <summary>All options of a restoration, collected from the properties that carry an <see cref="OptionAttribute"/>.</summary>
internal static class OptionCatalog
{
    private static readonly Dictionary<string, RestorationOption> ByName = Below(typeof(RestorationRequest), [])
        .Concat(OfSamplers())
        .OrderBy(option => option.Group)
        .ToDictionary(option => option.Name);

    /// <summary>The options in the order of a help.</summary>
    public static IReadOnlyList<RestorationOption> All { get; } = [.. ByName.Values];

    /// <summary>The options of a group.</summary>
    public static IEnumerable<RestorationOption> Of(OptionGroup group) => All.Where(option => option.Group == group);

    /// <summary>The option of a name.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static RestorationOption Find(string name) =>
        ByName.GetValueOrDefault(name) ?? throw new OptionException($"There is no option \"{name}\".", name);

    /// <summary>The options that change nothing with a model, so that nobody need be offered them.</summary>
    public static IReadOnlyList<string> WithoutEffect(ModelPack pack) =>
        [.. All.Where(option => !Has(pack, option)).Select(option => option.Name)];

    private static bool Has(ModelPack pack, RestorationOption option) =>
        pack.OneStep is { } step
            ? option.Name switch
            {
                "guidance-scale" or "pixel-scale" or "semantic-scale" => step.HasDial,
                "prompt" => step.HasPrompt,
                "original-size" => step.Input == OneStepInput.Fitted,
                "color-fix" => true,
                "negative-prompt" or "steps" or "tile-prompt" => false,
                _ => option.Group is not (OptionGroup.Generation or OptionGroup.Guidance),
            }
            : option.Group != OptionGroup.OneStep;

    /// <summary>Rejects values out of their ranges.</summary>
    /// <exception cref="OptionException">The message names the option, the value and what is allowed.</exception>
    internal static void Validate(RestorationRequest request)
    {
        foreach (var option in All)
        {
            option.Validate(request);
        }
    }

    /// <summary>Options of a record and of the records it holds.</summary>
    private static IEnumerable<RestorationOption> Below(Type record, IReadOnlyList<PropertyInfo> path) =>
        RecordProperties.Of(record).SelectMany(property => Below(property, [.. path, property]));

    private static IEnumerable<RestorationOption> Below(PropertyInfo property, IReadOnlyList<PropertyInfo> path)
    {
        if (property.GetCustomAttribute<OptionAttribute>() is { } description)
        {
            return
            [
                new RestorationOption(
                    description,
                    OptionFormats.Of(property),
                    request => RecordProperties.Get(request, path),
                    (request, value) => RecordProperties.With(request, path, value)
                ),
            ];
        }

        var type = property.PropertyType;
        return type.IsClass && type.Assembly == typeof(OptionCatalog).Assembly ? Below(type, path) : [];
    }

    /// <summary>Parameters that some samplers have.</summary>
    private static IEnumerable<RestorationOption> OfSamplers() =>
        SamplerNames
            .Parameters.GroupBy(parameter => parameter.Description.Name)
            .Select(same =>
            {
                var (description, property) = (same.First().Description, same.First().Property);
                return new RestorationOption(
                    description,
                    OptionFormats.Of(property),
                    request => request.Options.Sampling.Sampler?.ParameterOf(description.Name),
                    (request, value) => WithSampler(request, sampler => sampler.WithParameter(description.Name, value))
                )
                {
                    Samplers = [.. same.Select(parameter => parameter.Sampler)],
                };
            });

    private static RestorationRequest WithSampler(RestorationRequest request, Func<Sampler, Sampler> change)
    {
        var sampling = request.Options.Sampling;
        // Whoever reads parameters of samplers knows the model, and with it the sampler.
        var sampler = sampling.Sampler ?? throw new InvalidOperationException("There is no sampler whose parameter this is.");
        return request with { Options = request.Options with { Sampling = sampling with { Sampler = change(sampler) } } };
    }
}
