using System.CommandLine;
using DiffBir.Training.Data;

namespace DiffBir.Training;

/// <summary><c>diffbir-train photos</c>: cuts the photos to train on out of collections.</summary>
internal static class PhotosCommand
{
    private const int MinTile = 64;

    private static readonly Option<string> List = new("--crops")
    {
        Description = "The list of crops, such as tools/photos/crops.tsv",
        Required = true,
    };

    private static readonly Option<string> Originals = new("--originals")
    {
        Description = "The folder with a folder for each collection of photos",
        Required = true,
    };

    private static readonly Option<string> Out = new("--out") { Description = "Where the crops go", Required = true };

    private static readonly Option<int?> Tile = new("--tile")
    {
        Description = "Cuts the whole photos that the crops are of into squares of this side, in pixels, instead of the crops",
        HelpName = "N",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("photos", "Cuts the photos to train on out of collections") { List, Originals, Out, Tile };
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, Cut, cancellation));
        return command;
    }

    private static int Cut(ParseResult parsed, CancellationToken cancellation)
    {
        var configuration = parsed.InvocationConfiguration;
        var output = TextWriter.Synchronized(configuration.Output);
        var crops = CropList.Read(parsed.GetRequiredValue(List));
        var tile = parsed.GetValue(Tile);
        if (tile < MinTile)
        {
            throw new DiffBirException($"A tile of {tile} pixels is too small. Use {MinTile} or more (--tile).");
        }

        var cutter = new CropCutter(parsed.GetRequiredValue(Originals), parsed.GetRequiredValue(Out), output.WriteLine, tile);
        var (cut, failed) = cutter.Cut(crops, Environment.ProcessorCount, cancellation);
        output.WriteLine($"{cut} of {crops.Count} crops are there.");
        if (failed > 0)
        {
            configuration.Error.WriteLine($"{failed} crops could not be cut; the lines above say why. The others can be used.");
        }

        return ExitCode.Of(failed);
    }
}
