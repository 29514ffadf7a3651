using DiffBir.Files;

namespace DiffBir.Cli.Files;

/// <summary>The files that a command reads. They may be the only copies of photos: none is ever replaced, not even with <c>--overwrite</c>, whatever path leads to it.</summary>
internal sealed class KeptInputs
{
    private readonly Dictionary<FileIdentity, string> _paths = [];

    /// <summary>Looks at the files on disk.</summary>
    public KeptInputs(params IEnumerable<InputFile> inputs)
    {
        foreach (var input in inputs)
        {
            if (FileIdentity.Of(input.Path) is { } identity)
            {
                _paths.TryAdd(identity, input.Path);
            }
        }
    }

    /// <summary>Throws where writing a file would replace an input.</summary>
    /// <exception cref="UsageException">It would.</exception>
    public void ValidateOther(string output)
    {
        if (FileIdentity.Of(output) is { } there && _paths.TryGetValue(there, out var input))
        {
            var other = input == output ? "" : $", which is {input}";
            throw new UsageException($"The output {output} would replace an input{other}. Name another file or folder.");
        }
    }
}
