using System.CommandLine;
using DiffBir.Cli.Files;
using DiffBir.Cli.Usage;
using DiffBir.Imaging;
using DiffBir.Metrics;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir fit-niqe</c>: learns from photos what natural images look like. Its result is part of the library (<see cref="Niqe.Own"/>).</summary>
internal sealed class FitNiqeCommand
{
    private readonly Argument<string[]> _photos = OptionKinds.Inputs("PHOTO", "Good photos, and folders of them.");

    private readonly Option<string> _output = OptionKinds.Output("The statistics (JSON).", "FILE");

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var options = new FitNiqeCommand();
        var command = new Command("fit-niqe", "Fits NIQE's statistics of good photos.") { options._photos, options._output };
        command.Hidden = true; // for maintainers
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, options.Run, cancellation));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var output = parsed.GetRequiredValue(_output);
        var files = InputFiles.Collect(parsed.GetRequiredValue(_photos));
        new KeptInputs(files).ValidateOther(output);
        OutputFolder.ValidateInPlace(output);
        CommandErrors.Work(() =>
        {
            var niqe = Niqe.Fit(files.Select(file => Read(file, cancellation)));
            using var stream = File.Create(output);
            niqe.Save(stream);
        });
        return ExitCode.Success;
    }

    private static Tensor Read(InputFile file, CancellationToken cancellation)
    {
        using var photo = file.Read(null, cancellation);
        return photo.Pixels.ToTensor();
    }
}
