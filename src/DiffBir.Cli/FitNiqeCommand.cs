using System.CommandLine;
using DiffBir.Imaging;
using DiffBir.Metrics;

namespace DiffBir.Cli;

/// <summary><c>diffbir fit-niqe</c>: learns from photos what natural images look like. Its result is part of the library.</summary>
internal sealed class FitNiqeCommand
{
    private readonly Argument<string[]> _photos = OptionKinds.Inputs("PHOTO", "Good photos, and folders of them.");

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The statistics (JSON).",
        Required = true,
        HelpName = "FILE",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var options = new FitNiqeCommand();
        var command = new Command("fit-niqe", "Fits NIQE's statistics of good photos.") { options._photos, options._output };
        command.Hidden = true; // for maintainers
        command.SetAction((parsed, cancellation) => Guarded.RunAsync(parsed, options.Run, cancellation));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var files = InputFiles.Collect(parsed.GetRequiredValue(_photos));
        var niqe = Niqe.Fit(files.Select(file => Read(file.Path, cancellation)));
        using var stream = File.Create(parsed.GetRequiredValue(_output));
        niqe.Save(stream);
        return ExitCode.Success;
    }

    private static Tensor Read(string path, CancellationToken cancellation)
    {
        using var photo = ImageFile.Read(path, cancellation: cancellation);
        return photo.Pixels.ToTensor();
    }
}
