using DiffBir.Networks;
using DiffBir.Packs;

namespace DiffBir.Training.Configuration;

/// <summary>Validates networks that a configuration describes.</summary>
internal static class NetworkValidation
{
    /// <summary>What of a network to be trained is not allowed, each in a part of a sentence.</summary>
    public static IEnumerable<string> ValidationErrors(this Stage1Source network)
    {
        var problems = new List<string>();
        network.Config.Architecture.ValidateConfig(
            network.Config,
            new ConfigRules("network.sizes", problem => problems.Add($"it {problem}"))
        );
        return problems;
    }
}
