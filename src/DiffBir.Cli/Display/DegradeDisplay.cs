using System.CommandLine;
using DiffBir.Cli.Files;
using DiffBir.Degradation;

namespace DiffBir.Cli.Display;

/// <summary>Says what became of each image of <c>diffbir degrade</c>: lines, or JSON for programs.</summary>
internal sealed class DegradeDisplay(InvocationConfiguration configuration, bool json) : IBatchDisplay<DegradationRecipe>
{
    /// <inheritdoc/>
    public void Report(BatchResult<DegradationRecipe> result)
    {
        var input = result.Item.Input.Path;
        if (result.IsSkipped)
        {
            return;
        }

        if (json)
        {
            JsonLines.Write(
                configuration.Output,
                new
                {
                    Input = input,
                    Output = result.Failure is null ? result.Item.Output : null,
                    Recipe = result.Value?.ToString(),
                    Error = result.Failure,
                }
            );
        }
        else if (result.Failure is null)
        {
            configuration.Output.WriteLine(Printable.Line($"{input} -> {result.Item.Output}: {result.Value}"));
        }
        else
        {
            configuration.Error.WriteLine(Printable.Line(result.Failure));
        }
    }

    /// <inheritdoc/>
    public void Conclude(int failed, int all)
    {
        if (!json)
        {
            FailureCount.Write(failed, all, "images were not degraded", configuration.Error);
        }
    }
}
