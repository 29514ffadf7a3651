namespace DiffBir.Options;

/// <summary>Option of a restoration, as its property describes it. The command line and the server are built from these.</summary>
internal sealed class RestorationOption
{
    private static readonly RestorationRequest Nothing = new();

    private readonly Func<RestorationRequest, object?> _get;
    private readonly Func<RestorationRequest, object, RestorationRequest> _set;

    /// <summary>Describes an option.</summary>
    /// <param name="description">Name and words.</param>
    /// <param name="format">Form of its value.</param>
    /// <param name="get">Value in a request; null where it is not given.</param>
    /// <param name="set">Request with the value.</param>
    internal RestorationOption(
        OptionAttribute description,
        OptionFormat format,
        Func<RestorationRequest, object?> get,
        Func<RestorationRequest, object, RestorationRequest> set
    )
    {
        (_get, _set) = (get, set);
        (Name, Group, Otherwise, Format) = (description.Name, description.Group, description.Otherwise, format);
        Help = description.Help.Replace("{choices}", string.Join(", ", format.Choices ?? []), StringComparison.Ordinal);
    }

    /// <summary>Name without the dashes of a command line: <c>guidance-scale</c>.</summary>
    public string Name { get; }

    /// <summary>Heading below which it stands.</summary>
    public OptionGroup Group { get; }

    /// <summary>Effect in a sentence or two.</summary>
    public string Help { get; }

    /// <summary>Form of its value.</summary>
    public OptionFormat Format { get; }

    /// <summary>Default as text; null where the model decides, or nothing does.</summary>
    public string? Default => _get(Nothing) is { } value ? Format.Text(value) : null;

    /// <summary>What happens where it is not given, for people; null where <see cref="Default"/> says it.</summary>
    public string? Otherwise { get; }

    /// <summary>Samplers that have this parameter; null for options that have nothing to do with samplers.</summary>
    public IReadOnlyList<string>? Samplers { get; init; }

    /// <summary>Rejects a text that is no value of this option; whether the value is in its range is not asked.</summary>
    /// <exception cref="OptionException">The text is no value of this option.</exception>
    public void ValidateText(string text) => Format.Parse(Name, text);

    /// <summary>Changes a request.</summary>
    /// <exception cref="OptionException">The text is no value of this option, or the sampler has no such parameter.</exception>
    internal RestorationRequest Set(RestorationRequest request, string text) => _set(request, Format.Parse(Name, text));

    /// <summary>Rejects a value that is not allowed.</summary>
    /// <exception cref="OptionException">The message names the option, the value and what is allowed.</exception>
    internal void Validate(RestorationRequest request)
    {
        if (_get(request) is { } value)
        {
            Format.Validate(Name, value);
        }
    }
}
