using DiffBir.Sampling.Samplers;

namespace DiffBir.Sampling;

/// <summary>Samplers' parameters as they come from a command line or from JSON: those that were not given are null.</summary>
/// <param name="Eta">The share of new noise in each step; only ancestral and stochastic samplers have it.</param>
/// <param name="SChurn">The noise added on the way; only <c>edm_euler</c>, <c>edm_heun</c> and <c>edm_dpm_2</c> have it.</param>
/// <param name="STMin">The lowest noise level for churn.</param>
/// <param name="STMax">The highest noise level for churn.</param>
/// <param name="SNoise">The factor of churned or new noise.</param>
/// <param name="Order">The order of <c>edm_lms</c>.</param>
public readonly record struct SamplerParameters(
    double? Eta = null,
    double? SChurn = null,
    double? STMin = null,
    double? STMax = null,
    double? SNoise = null,
    int? Order = null
)
{
    internal Sampler ApplyTo(Sampler sampler, string name)
    {
        var (ancestral, churn, lms) = (sampler as EdmAncestralSampler, sampler as EdmChurnSampler, sampler as EdmLms);
        var rest = SamplerNames.With<EdmAncestralSampler>();
        Refuse(Eta is not null && ancestral is null, name, "eta", rest);
        var churned = SamplerNames.With<EdmChurnSampler>();
        Refuse(SChurn is not null && churn is null, name, "s-churn", churned);
        Refuse(STMin is not null && churn is null, name, "s-tmin", churned);
        Refuse(STMax is not null && churn is null, name, "s-tmax", churned);
        var isNoisy = churn is not null || ancestral is not null;
        Refuse(SNoise is not null && !isNoisy, name, "s-noise", [.. churned, .. rest]);
        Refuse(Order is not null && lms is null, name, "order", SamplerNames.With<EdmLms>());

        return sampler switch
        {
            EdmAncestralSampler it => it with { Eta = Eta ?? it.Eta, SNoise = SNoise ?? it.SNoise },
            EdmChurnSampler it => it with
            {
                SChurn = SChurn ?? it.SChurn,
                STMin = STMin ?? it.STMin,
                STMax = STMax ?? it.STMax,
                SNoise = SNoise ?? it.SNoise,
            },
            EdmLms it => it with { Order = Order ?? it.Order },
            var it => it,
        };
    }

    private static void Refuse(bool given, string name, string option, IReadOnlyList<string> having)
    {
        if (given)
        {
            throw new OptionException(
                $"The sampler {name} does not have the parameter --{option}; these have it: {string.Join(", ", having)}. Leave the parameter out or choose one of them.",
                option
            );
        }
    }
}
