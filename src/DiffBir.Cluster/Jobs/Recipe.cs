using System.Security.Cryptography;

namespace DiffBir.Cluster.Jobs;

/// <summary>How results are made: one input and one recipe give one picture, on whichever machine.</summary>
internal sealed record Recipe
{
    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>The model: a built-in name, or a folder that all machines see.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model's description and of the weights that the task needs.</summary>
    public required string Weights { get; init; }

    /// <summary>Options that were given, by their names on the command line.</summary>
    public required SortedDictionary<string, string> Options { get; init; }

    /// <summary>SHA-256 of all of it, in hexadecimal digits.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(ClusterJson.Write(this)));
}
