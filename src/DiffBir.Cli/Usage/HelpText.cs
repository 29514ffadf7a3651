using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;

namespace DiffBir.Cli.Usage;

/// <summary>The help of a command: what it does, how it is called, its arguments, options and commands in two columns, and examples.</summary>
/// <param name="command">The command.</param>
/// <param name="width">The longest line.</param>
internal sealed class HelpText(Command command, int width)
{
    private const string Indent = "  ";

    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public override string ToString()
    {
        _text.Clear();
        Section("Description", [.. Wrapped(command.Description ?? "", width - Indent.Length)]);
        Section("Usage", [Usage()]);
        Section("Arguments", Columns(Visible(command.Arguments).Select(RowOf)));
        Options();
        Section("Commands", Columns(Visible(command.Subcommands).Select(RowOf)));
        Section("Examples", (command as DocumentedCommand)?.Examples ?? []);
        return _text.ToString();
    }

    private string Usage()
    {
        IEnumerable<string> words =
        [
            Path(command),
            .. Visible(command.Arguments).Select(InUsage),
            .. command.Subcommands.Count > 0 ? ["[command]"] : (string[])[],
            "[options]",
        ];
        return string.Join(' ', words);
    }

    /// <summary>All options in columns of one width, each group under its heading.</summary>
    private void Options()
    {
        Option[] options = [.. Visible(command.Options), .. Visible(Inherited(command))];
        var first = FirstColumn(options.Select(option => RowOf(option).First));
        foreach (var group in options.GroupBy(Heading))
        {
            Section(group.Key, Columns(group.Select(RowOf), first));
        }
    }

    private string Heading(Option option) => (command as DocumentedCommand)?.HeadingOf(option) ?? "Options";

    private void Section(string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        if (_text.Length > 0)
        {
            _text.AppendLine();
        }

        _text.AppendLine(CultureInfo.InvariantCulture, $"{title}:");
        foreach (var line in lines)
        {
            _text.AppendLine(Indent + line);
        }
    }

    private List<string> Columns(IEnumerable<Row> rows)
    {
        var all = rows.ToList();
        return Columns(all, FirstColumn(all.Select(row => row.First)));
    }

    private List<string> Columns(IEnumerable<Row> rows, int first)
    {
        var lines = new List<string>();
        var second = Math.Max(1, width - Indent.Length - first);
        foreach (var row in rows)
        {
            var name = row.First;
            foreach (var part in Wrapped(row.Second, second).DefaultIfEmpty(""))
            {
                lines.Add($"{name.PadRight(first)}{part}".TrimEnd());
                name = "";
            }
        }

        return lines;
    }

    /// <summary>The first column's width with the gap behind it.</summary>
    private static int FirstColumn(IEnumerable<string> entries)
    {
        var widest = 0;
        foreach (var entry in entries)
        {
            widest = Math.Max(widest, entry.Length);
        }

        return widest + Indent.Length;
    }

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    private static Row RowOf(Argument argument) =>
        new(
            Placeholder(argument),
            WithDefault(argument.Description, argument.HasDefaultValue ? argument.GetDefaultValue() : null)
        );

    private static Row RowOf(Option option)
    {
        var names = option
            .Aliases.Where(alias => alias.StartsWith('-'))
            .Append(option.Name)
            .OrderBy(name => name.Length)
            .ThenBy(name => name, StringComparer.Ordinal);
        var value = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? "" : $" <{ValueName(option)}>";
        var required = option.Required ? " (REQUIRED)" : "";
        var standard = value.Length > 0 && option.HasDefaultValue ? option.GetDefaultValue() : null;
        return new($"{string.Join(", ", names)}{value}{required}", WithDefault(option.Description, standard));
    }

    private static Row RowOf(Command command) =>
        new(string.Join(' ', Visible(command.Arguments).Select(Placeholder).Prepend(command.Name)), command.Description ?? "");

    /// <summary>What stands for an option's value: the name that it was given, else the words it may be, else its own name.</summary>
    private static string ValueName(Option option)
    {
        if (option.HelpName is { } given)
        {
            return given;
        }

        var words = option.GetCompletions(CompletionContext.Empty).Select(completion => completion.Label).ToList();
        return words.Count > 0 ? string.Join('|', words) : option.Name.TrimStart('-');
    }

    private static string WithDefault(string? description, object? standard) =>
        standard is null or System.Collections.ICollection
            ? description ?? ""
            : string.Create(CultureInfo.InvariantCulture, $"{description} [default: {standard}]");

    private static string Placeholder(Argument argument) => $"<{argument.HelpName ?? argument.Name}>";

    private static string InUsage(Argument argument)
    {
        var (name, arity) = (Placeholder(argument), argument.Arity);
        return arity.MinimumNumberOfValues == 0 ? $"[{name}]"
            : arity.MaximumNumberOfValues > 1 ? $"{name}..."
            : name;
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : command.Name;

    /// <summary>The options of the commands around one that hold for it, too.</summary>
    private static IEnumerable<Option> Inherited(Command command) =>
        command
            .Parents.OfType<Command>()
            .SelectMany(parent => parent.Options.Where(option => option.Recursive).Concat(Inherited(parent)));

    private static IEnumerable<T> Visible<T>(IEnumerable<T> symbols)
        where T : Symbol => symbols.Where(symbol => !symbol.Hidden);

    /// <summary>A line of two columns. Not a pair of values, whose code would be compiled at each start.</summary>
    private sealed record Row(string First, string Second);
}
