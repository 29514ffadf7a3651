using System.Security.Cryptography;

namespace DiffBir.Cluster.Jobs;

/// <summary>Names made of what they stand for.</summary>
internal static class JobHash
{
    /// <summary>SHA-256 of texts, none of which can run into the next, in hexadecimal digits.</summary>
    public static string Of(IReadOnlyList<string> texts) => Convert.ToHexStringLower(SHA256.HashData(ClusterJson.Write(texts)));
}
