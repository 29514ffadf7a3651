using System.CommandLine;
using DiffBir.Checkpoints;
using DiffBir.Training.Runs;

namespace DiffBir.Training;

/// <summary><c>diffbir-train mean</c>: the mean of the weights of runs that went on from one another.</summary>
internal static class MeanCommand
{
    private static readonly Argument<string[]> Runs = new("RUN")
    {
        Description = "The folders of runs of one network, two or more",
        Arity = new ArgumentArity(2, 100),
    };

    private static readonly Option<string> Out = new("--out", "-o")
    {
        Description = "A new folder, which describes itself as the first of the runs does",
        Required = true,
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("mean", "Takes the mean of the weights of runs that went on from one another") { Runs, Out };
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, (p, _) => Average(p), cancellation));
        return command;
    }

    private static int Average(ParseResult parsed)
    {
        var (runs, target) = (parsed.GetRequiredValue(Runs), parsed.GetRequiredValue(Out));
        if (Directory.Exists(target))
        {
            throw new DiffBirException($"{target} is there already; name a new folder (--out).");
        }

        var files = Array.ConvertAll(runs, RunDirectory.NetworksOf);
        if (files[0].Count == 0 || files.Any(names => !names.SequenceEqual(files[0])))
        {
            throw new DiffBirException($"{string.Join(", ", runs)} must be finished or saved runs of the same network.");
        }

        foreach (var name in files[0])
        {
            var entries = Mean(Array.ConvertAll(runs, run => Checkpoint.Open(Path.Combine(run, name))));
            Directory.CreateDirectory(target);
            SafetensorsWriter.Write(Path.Combine(target, name), entries);
        }

        foreach (var description in Directory.EnumerateFiles(runs[0], "*.json"))
        {
            File.Copy(description, Path.Combine(target, Path.GetFileName(description)));
        }

        return ExitCode.Success;
    }

    private static SafetensorsEntry[] Mean(Checkpoint[] networks)
    {
        var first = networks[0];
        foreach (var other in networks)
        {
            if (
                other.Tensors.Count != first.Tensors.Count
                || first.Tensors.Any(tensor =>
                    !other.Tensors.TryGetValue(tensor.Key, out var same) || !same.Shape.SequenceEqual(tensor.Value.Shape)
                )
            )
            {
                throw new DiffBirException($"{other.Path} has other weights than {first.Path}.");
            }
        }

        return
        [
            .. first.Tensors.Select(tensor =>
                SafetensorsEntry.Of(tensor.Key, tensor.Value.Shape, () => Mean(networks, tensor.Key))
            ),
        ];
    }

    private static Tensor Mean(Checkpoint[] networks, string name)
    {
        var mean = networks[0].Read(name);
        var others = networks[1..].Select(network => network.Read(name).Data).ToArray();
        for (var index = 0; index < mean.Length; index++)
        {
            mean.Data[index] = (float)((mean.Data[index] + others.Sum(other => (double)other[index])) / networks.Length);
        }

        return mean;
    }
}
