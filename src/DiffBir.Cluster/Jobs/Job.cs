using System.Globalization;
using System.Text.Json.Serialization;

namespace DiffBir.Cluster.Jobs;

/// <summary>One photo to restore.</summary>
/// <param name="Id">Made of the photo, the recipe and the names of its results: two feeders give one photo one name.</param>
/// <param name="Input">The photo.</param>
/// <param name="Outputs">Its results, one for each sample, by their names below the batch's output.</param>
internal sealed record Job(string Id, JobInput Input, IReadOnlyList<string> Outputs)
{
    private const int ShortDigits = 12;

    /// <summary>What logs call it: names of photos say something about their owner.</summary>
    [JsonIgnore]
    public string ShortId => Id.Length > ShortDigits ? Id[..ShortDigits] : Id;

    /// <summary>Names a job.</summary>
    /// <param name="input">The photo.</param>
    /// <param name="outputs">Names of its results.</param>
    /// <param name="recipe">Hash of the recipe.</param>
    public static Job Of(JobInput input, IReadOnlyList<string> outputs, string recipe) =>
        new(JobHash.Of([.. input.Identity, recipe, .. outputs]), input, outputs);
}

/// <summary>A photo as it was when its job was named.</summary>
/// <param name="Path">Where it lies, as all machines see it.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Modified">When it was last written, in ticks of universal time.</param>
/// <param name="Sha256">Of its content; null where jobs are named by path, size and time.</param>
internal sealed record JobInput(string Path, long Size, long Modified, string? Sha256)
{
    /// <summary>What makes it this photo and no other.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Identity =>
        Sha256 is null
            ? [Path, Size.ToString(CultureInfo.InvariantCulture), Modified.ToString(CultureInfo.InvariantCulture)]
            : [Sha256];

    /// <summary>Whether a file has this size and time still, so that its content need not be read again.</summary>
    public bool IsStill(string path, long size, long modified) => (path, size, modified) == (Path, Size, Modified);
}
