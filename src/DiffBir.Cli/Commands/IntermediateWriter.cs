using DiffBir.Cli.Files;
using DiffBir.Imaging;
using DiffBir.Restoration;

namespace DiffBir.Cli.Commands;

/// <summary>Writes the pictures from the middle of a restoration.</summary>
/// <param name="folder">Where they go; made if it is not there.</param>
/// <param name="name">What their names begin with; may have folders.</param>
/// <param name="samples">How many results there will be; previews of several are numbered like these.</param>
/// <param name="kept">What they must not replace.</param>
internal sealed class IntermediateWriter(string folder, string name, int samples, KeptInputs kept)
{
    private static readonly ImageEncoding Png = new(ImageFormat.Png) { Rounding = Rounding.Nearest };

    /// <summary>Writes one picture.</summary>
    public void Write(Intermediate intermediate)
    {
        var kind = intermediate.Kind switch
        {
            IntermediateKind.Clean => "clean",
            IntermediateKind.Condition => "condition",
            IntermediateKind.WeightMap => "weight-map",
            IntermediateKind.FaceMarks => "faces",
            IntermediateKind.AlignedFace => $"face-{intermediate.Face}-before",
            IntermediateKind.RestoredFace => $"face-{intermediate.Face}-after",
            IntermediateKind.FaceMask => $"face-{intermediate.Face}-mask",
            _ when samples > 1 => $"step-{intermediate.Step:000}_{intermediate.Sample}",
            _ => $"step-{intermediate.Step:000}",
        };
        var path = OutputFiles.PathInside(folder, $"{name}-{kind}.png");
        kept.ValidateOther(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var photo = intermediate.RenderPhoto();
        ImageFile.Write(photo, path, Png);
    }
}
