using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffBir.Checkpoints;
using DiffBir.Cli.Display;
using DiffBir.Packs;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir inspect</c>: says what a checkpoint is.</summary>
internal sealed class InspectCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Argument<string> _file = new("CHECKPOINT")
    {
        Description = "A PyTorch checkpoint (.ckpt, .pth, .pt) or a safetensors file.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One line of JSON, with all names." };

    private InspectCommand() { }

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var options = new InspectCommand();
        var command = new Command(
            "inspect",
            "Says which networks a checkpoint holds, of which sizes, what is missing and what is left over. Runs nothing of the file."
        )
        {
            options._file,
            options._json,
        };
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, (p, _) => options.Run(p), cancellation));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var path = parsed.GetRequiredValue(_file);
        var asJson = parsed.GetValue(_json);
        try
        {
            var report = CheckpointInspector.Inspect(Checkpoint.Open(path));
            if (asJson)
            {
                JsonLines.Write(output, Describe(report), Json);
            }
            else
            {
                output.WriteLine(InspectionText.Of(report));
            }

            return report.IsUsable ? ExitCode.Success : ExitCode.Failed;
        }
        catch (CheckpointException exception)
        {
            if (asJson)
            {
                JsonLines.Write(
                    output,
                    new
                    {
                        path,
                        usable = false,
                        error = exception.Message,
                    },
                    Json
                );
            }
            else
            {
                error.WriteLine(exception.Message);
            }

            return ExitCode.Failed;
        }
    }

    private static object Describe(CheckpointReport report) =>
        new
        {
            report.Checkpoint.Path,
            report.Checkpoint.Format,
            Tensors = report.Checkpoint.Tensors.Count,
            Usable = report.IsUsable,
            Networks = report.Networks.Select(network => new
            {
                network.Kind,
                network.Prefix,
                Usable = network.IsComplete,
                network.IsOfficialSize,
                network.Parameters,
                network.Types,
                Sizes = InspectionText
                    .SizesOf(network)
                    .ToDictionary(size => JsonNamingPolicy.CamelCase.ConvertName(size.Name), size => size.Value),
                Assumed = network.Assumed.Select(JsonNamingPolicy.CamelCase.ConvertName),
                network.Missing,
                network.WrongShapes,
                network.Problem,
            }),
            report.Unneeded,
            report.Unexpected,
        };
}
