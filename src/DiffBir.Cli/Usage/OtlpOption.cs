using System.CommandLine;

namespace DiffBir.Cli.Usage;

/// <summary>The option that names a collector of telemetry.</summary>
/// <param name="what">What is sent there.</param>
internal sealed class OtlpOption(string what)
{
    /// <summary>The option.</summary>
    public Option<string?> Option { get; } =
        new("--otlp") { Description = $"Where to send {what} by OTLP, such as http://localhost:4317.", HelpName = "URL" };

    /// <summary>The collector that a command line names; null: none.</summary>
    /// <exception cref="UsageException">It is no address.</exception>
    public Uri? Read(ParseResult parsed) =>
        parsed.GetValue(Option) is not { } url ? null
        : Uri.TryCreate(url, UriKind.Absolute, out var endpoint) ? endpoint
        : throw new UsageException($"\"{url}\" is no address. Use one such as http://localhost:4317 ({Option.Name}).");
}
