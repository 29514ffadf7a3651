using System.Reflection;
using DiffBir.Sampling.Samplers;

namespace DiffBir.Sampling;

/// <summary>The samplers' names on the command line and in JSON: the original's.</summary>
public static class SamplerNames
{
    private static readonly (string Name, Sampler Default)[] Table =
    [
        ("spaced", new Spaced()),
        ("ddim", new Ddim()),
        ("dpm++_m2", new DpmPlusPlus2M()),
        ("edm_euler", new EdmEuler()),
        ("edm_euler_a", new EdmEulerAncestral()),
        ("edm_heun", new EdmHeun()),
        ("edm_dpm_2", new EdmDpm2()),
        ("edm_dpm_2_a", new EdmDpm2Ancestral()),
        ("edm_lms", new EdmLms()),
        ("edm_dpm++_2s_a", new EdmDpmPlusPlus2SAncestral()),
        ("edm_dpm++_sde", new EdmDpmPlusPlusSde()),
        ("edm_dpm++_2m", new EdmDpmPlusPlus2M()),
        ("edm_dpm++_2m_sde", new EdmDpmPlusPlus2MSde()),
        ("edm_dpm++_3m_sde", new EdmDpmPlusPlus3MSde()),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>The name of a sampler, whatever its parameters.</summary>
    public static string Of(Sampler sampler) => Table.Single(row => row.Default.GetType() == sampler.GetType()).Name;

    /// <summary>The sampler of a name, with its usual parameters.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <exception cref="OptionException">There is no such sampler.</exception>
    public static Sampler Parse(string name) =>
        Table.FirstOrDefault(row => row.Name == name).Default
        ?? throw new OptionException(
            $"There is no sampler \"{name}\". Use one of {string.Join(", ", All)} (--sampler).",
            "sampler"
        );

    /// <summary>All parameters that users set, with the samplers that have them.</summary>
    internal static IEnumerable<(string Sampler, OptionAttribute Description, PropertyInfo Property)> Parameters =>
        Table.SelectMany(row =>
            ParametersOf(row.Default).Select(parameter => (row.Name, parameter.Description, parameter.Property))
        );

    /// <summary>Value of a sampler's parameter; null where it has no such parameter.</summary>
    /// <param name="sampler">The sampler.</param>
    /// <param name="option">Name of the option that sets the parameter.</param>
    internal static object? ParameterOf(this Sampler sampler, string option) => Find(sampler, option)?.GetValue(sampler);

    /// <summary>Sampler with another value of a parameter.</summary>
    /// <exception cref="OptionException">The sampler has no such parameter.</exception>
    internal static Sampler WithParameter(this Sampler sampler, string option, object value)
    {
        if (Find(sampler, option) is { } property)
        {
            return RecordProperties.With(sampler, [property], value);
        }

        var having = Parameters.Where(parameter => parameter.Description.Name == option).Select(parameter => parameter.Sampler);
        throw new OptionException(
            $"The sampler {Of(sampler)} does not have the parameter --{option}; these have it: {string.Join(", ", having)}. Leave the parameter out or choose one of them.",
            option
        );
    }

    private static PropertyInfo? Find(Sampler sampler, string option) =>
        ParametersOf(sampler).FirstOrDefault(parameter => parameter.Description.Name == option).Property;

    private static IEnumerable<(OptionAttribute Description, PropertyInfo Property)> ParametersOf(Sampler sampler) =>
        from property in RecordProperties.Of(sampler.GetType())
        let description = property.GetCustomAttribute<OptionAttribute>()
        where description is not null
        select (description, property);
}
