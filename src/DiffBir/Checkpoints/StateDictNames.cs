namespace DiffBir.Checkpoints;

/// <summary>Cuts what parallel and compiled training puts before every name.</summary>
internal static class StateDictNames
{
    private static readonly string[] Prefixes = ["module.", "_orig_mod."];

    public static IReadOnlyList<StoredTensor> Clean(IReadOnlyList<StoredTensor> tensors)
    {
        while (Prefixes.FirstOrDefault(p => tensors.All(t => HasPrefix(t.Name, p))) is { } prefix && tensors.Count > 0)
        {
            tensors = [.. tensors.Select(t => t with { Name = t.Name[prefix.Length..] })];
        }

        return tensors;
    }

    private static bool HasPrefix(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal);
}
