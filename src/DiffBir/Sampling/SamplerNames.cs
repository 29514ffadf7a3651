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

    /// <summary>The sampler of a name, with its parameters.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="parameters">The parameters that were asked for; the others keep their defaults.</param>
    /// <exception cref="DiffBirException">There is no such sampler, or it does not have one of the parameters, or a value is out of range.</exception>
    public static Sampler Parse(string name, SamplerParameters parameters = default)
    {
        var row = Table.FirstOrDefault(row => row.Name == name);
        if (row.Default is null)
        {
            throw new OptionException(
                $"There is no sampler \"{name}\". Use one of {string.Join(", ", All)} (--sampler).",
                "sampler"
            );
        }

        var sampler = parameters.ApplyTo(row.Default, name);
        sampler.Validate();
        return sampler;
    }

    /// <summary>The names of the samplers of one kind.</summary>
    internal static IReadOnlyList<string> With<T>() => [.. Table.Where(row => row.Default is T).Select(row => row.Name)];
}
