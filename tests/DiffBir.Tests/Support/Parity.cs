namespace DiffBir.Tests.Support;

/// <summary>The ground truth computed by the original implementation: the folder <c>shared</c> beside the working copy.</summary>
internal static class Parity
{
    /// <summary>Why a test that needs the folder is skipped.</summary>
    public const string MissingMessage =
        "The ground truth is not here: the folder `shared` was not found beside the working copy.";

    /// <summary>The folder of the solution.</summary>
    public static string WorkingCopy => Support.WorkingCopy.Folder;

    /// <summary>The folder, or null where it is absent.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The path of something inside the folder, such as <c>parity/fixtures/lq_64x64.png</c>.</summary>
    public static string PathOf(string relative) =>
        Path.Combine(Folder ?? throw new InvalidOperationException(MissingMessage), relative);

    /// <summary>Opens <c>parity/fixtures/NAME.safetensors</c>.</summary>
    public static Fixture Fixture(string name) => new(PathOf($"parity/fixtures/{name}.safetensors"));

    /// <summary>The path of a small random checkpoint under an official name, such as <c>v2.pth</c>.</summary>
    public static string Weights(string name) => PathOf($"parity/small/weights/{name}");

    private static string? Find()
    {
        var shared = Path.Combine(WorkingCopy, "..", "shared");
        return Directory.Exists(Path.Combine(shared, "parity")) ? Path.GetFullPath(shared) : null;
    }
}

/// <summary>A fact about agreement with the original implementation; skipped where its outputs are absent.</summary>
internal sealed class ParityFactAttribute : FactAttribute
{
    public ParityFactAttribute() => Skip = Parity.Folder is null ? Parity.MissingMessage : null;
}

/// <summary>A theory about agreement with the original implementation; skipped where its outputs are absent.</summary>
internal sealed class ParityTheoryAttribute : TheoryAttribute
{
    public ParityTheoryAttribute() => Skip = Parity.Folder is null ? Parity.MissingMessage : null;
}
