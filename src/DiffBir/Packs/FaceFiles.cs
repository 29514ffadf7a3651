namespace DiffBir.Packs;

/// <summary>The files of the networks that find faces and their outlines, which any model can be used with.</summary>
public static class FaceFiles
{
    /// <summary>What they are called where models are named: <c>diffbir models pull faces</c>.</summary>
    public const string Name = "faces";

    /// <summary>The key of the detector's file.</summary>
    internal const string Detector = "detector";

    /// <summary>The key of the parser's file.</summary>
    internal const string Parser = "parser";

    private const string Release = "https://github.com/xinntao/facexlib/releases/download";

    /// <summary>The files, as a pack without a task.</summary>
    public static ModelPack Pack { get; } =
        new()
        {
            Name = Name,
            Title = "Finds faces in whole photos (restore --faces)",
            License = "none of the files' own; see each",
            Files = new Dictionary<string, PackFile>
            {
                [Detector] = new()
                {
                    Name = "detection_Resnet50_Final.pth",
                    Description = "RetinaFace on ResNet-50, finds faces",
                    License = "code MIT (Pytorch_Retinaface, facexlib); trained on WIDER FACE, which is for research",
                    Size = 109_497_761,
                    Sha256 = "6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d",
                    Sources = [new($"{Release}/v0.1.0/detection_Resnet50_Final.pth")],
                },
                [Parser] = new()
                {
                    Name = "parsing_parsenet.pth",
                    Description = "ParseNet, tells the parts of a face apart",
                    License = "code MIT (facexlib); trained on CelebAMask-HQ, which is not for commercial use",
                    Size = 85_331_193,
                    Sha256 = "3d558d8d0e42c20224f13cf5a29c79eba2d59913419f945545d8cf7b72920de2",
                    Sources = [new($"{Release}/v0.2.2/parsing_parsenet.pth")],
                },
            },
            Tasks = new Dictionary<RestorationTask, TaskNetworks>(),
            Defaults = new PackDefaults(),
        };

    /// <summary>Whether both files are there.</summary>
    internal static bool AreIn(PackFiles files) => Pack.Files.Values.All(file => files.Find(file) is not null);

    /// <summary>Throws unless both files are there.</summary>
    /// <exception cref="PackException">They are not.</exception>
    internal static void Validate(PackFiles files)
    {
        if (!AreIn(files))
        {
            throw new PackException(
                $"Faces are found by networks of their own, {string.Join(" and ", Pack.Files.Values.Select(Describe))}, which are not here: get them with \"diffbir models pull {Name}\", install OpenCV's cascades (the package opencv-data), which find upright faces only, or mark the faces yourself (--face-landmarks)."
            );
        }
    }

    private static string Describe(PackFile file) => FormattableString.Invariant($"{file.Name} ({file.Size / 1e6:0} MB)");
}
