using System.Collections;
using System.Text;
using DiffBir.Checkpoints;
using DiffBir.Packs;

namespace DiffBir.Cli.Display;

/// <summary>A checkpoint's report in words. Names come from the file: they must neither steer a terminal nor begin a line.</summary>
internal static class InspectionText
{
    private const int Listed = 8;

    public static string Of(CheckpointReport report)
    {
        var text = new StringBuilder();
        var checkpoint = report.Checkpoint;
        text.AppendLine($"{Printable.Line(checkpoint.Path)}: {Name(checkpoint.Format)}, {checkpoint.Tensors.Count} tensors");
        foreach (var network in report.Networks)
        {
            Append(text, network);
        }

        if (report.Networks.Count == 0)
        {
            text.AppendLine("  holds none of the networks that DiffBir knows. Use a file of DiffBIR or of Stable Diffusion 2.1.");
        }

        AppendNames(text, "  left over, not needed", report.Unneeded);
        AppendNames(text, "  left over, unknown", report.Unexpected);
        return text.ToString().TrimEnd();
    }

    /// <summary>The sizes that a network is built from, without what follows from them.</summary>
    public static IEnumerable<(string Name, object? Value)> SizesOf(FoundNetwork network) =>
        network
            .Sizes.GetType()
            .GetProperties()
            .Where(property => property.CanWrite)
            .Select(property => (property.Name, property.GetValue(network.Sizes)));

    private static void Append(StringBuilder text, FoundNetwork network)
    {
        var size = network.IsOfficialSize ? "official size" : "its own size";
        var place = network.Prefix.Length > 0 ? $" below {Printable.Line(network.Prefix)}" : "";
        var types = string.Join(", ", network.Types);
        text.AppendLine(
            $"  {network.Title}{place}: {size}, {network.Parameters:N0} weights as {types}; {(network.IsComplete ? "complete" : "not usable")}"
        );
        text.AppendLine($"    {Sizes(network)}");
        if (network.Problem is { } problem)
        {
            text.AppendLine($"    {Printable.Line(problem)}");
        }

        AppendNames(text, "    missing", network.Missing);
        AppendNames(text, "    of another shape", [.. network.WrongShapes.Select(wrong => $"{wrong}")]);
    }

    private static void AppendNames(StringBuilder text, string what, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            var rest = names.Count > Listed ? $", and {names.Count - Listed} more (--json lists all)" : "";
            text.AppendLine($"{what}: {names.Count} ({string.Join(", ", names.Take(Listed).Select(Printable.Line))}{rest})");
        }
    }

    private static string Sizes(FoundNetwork network) =>
        string.Join(
            ", ",
            SizesOf(network)
                .Select(size => $"{size.Name} {Value(size.Value)}{(network.Assumed.Contains(size.Name) ? " (assumed)" : "")}")
        );

    private static string Value(object? value) =>
        value is IEnumerable list and not string ? $"[{string.Join(", ", list.Cast<object>())}]" : $"{value}";

    private static string Name(CheckpointFormat format) =>
        format switch
        {
            CheckpointFormat.TorchZip => "PyTorch",
            CheckpointFormat.TorchLegacy => "PyTorch, layout before 1.6",
            CheckpointFormat.Safetensors => "safetensors",
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Not a format."),
        };
}
