namespace DiffBir.Options;

/// <summary>One option of a restoration: its name, what it may be, what it does. The command line and the server are built from these.</summary>
public abstract class RestorationOption
{
    private protected RestorationOption(string name, OptionGroup group, string help) => (Name, Group, Help) = (name, group, help);

    /// <summary>The name, without the dashes of a command line: <c>guidance-scale</c>.</summary>
    public string Name { get; }

    /// <summary>Where it stands in a help.</summary>
    public OptionGroup Group { get; }

    /// <summary>What it does, in a sentence or two.</summary>
    public string Help { get; }

    /// <summary>What its value looks like.</summary>
    public abstract OptionFormat Format { get; }

    /// <summary>The default as text; null where the model decides, or nothing does.</summary>
    public abstract string? Default { get; }

    /// <summary>What happens where it is not given, for people; null where <see cref="Default"/> says it.</summary>
    public string? Otherwise { get; init; }

    /// <summary>The samplers that have this parameter; null for options that have nothing to do with samplers.</summary>
    public IReadOnlyList<string>? Samplers { get; init; }

    /// <summary>Changes a request.</summary>
    /// <exception cref="OptionException">The text is no value of this option.</exception>
    internal abstract RestorationRequest Set(RestorationRequest request, string text);

    /// <summary>Throws unless the value is allowed.</summary>
    /// <exception cref="OptionException">It is not; the message names the option, the value and what is allowed.</exception>
    internal abstract void Require(RestorationRequest request);

    /// <summary>Throws unless a text is a value of this option; whether the value is in its range is not asked.</summary>
    /// <exception cref="OptionException">It is not.</exception>
    public abstract void RequireText(string text);
}

/// <summary>An option whose values are of one type.</summary>
/// <param name="name">The name.</param>
/// <param name="group">Where it stands in a help.</param>
/// <param name="format">What its value looks like.</param>
/// <param name="get">The value in a request; null where it is not given.</param>
/// <param name="set">A request with the value.</param>
/// <param name="help">What it does.</param>
internal sealed class RestorationOption<T>(
    string name,
    OptionGroup group,
    OptionFormat<T> format,
    Func<RestorationRequest, object?> get,
    Func<RestorationRequest, T, RestorationRequest> set,
    string help
) : RestorationOption(name, group, help)
    where T : notnull
{
    private static readonly RestorationRequest Nothing = new();

    public override OptionFormat Format => format;

    public override string? Default => get(Nothing) is T value ? format.Text(value) : null;

    public override void RequireText(string text) => format.Parse(Name, text);

    internal override RestorationRequest Set(RestorationRequest request, string text) => set(request, format.Parse(Name, text));

    internal override void Require(RestorationRequest request)
    {
        if (get(request) is T value)
        {
            format.Require(Name, value);
        }
    }
}
