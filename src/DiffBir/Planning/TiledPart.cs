namespace DiffBir.Planning;

/// <summary>A part of the work that is computed in tiles where the whole would not fit into memory.</summary>
/// <param name="Name">What it is called where the plan is told.</param>
/// <param name="Work">What it is called where memory does not suffice.</param>
internal sealed record TiledPart(string Name, string Work)
{
    /// <summary>Stage 1's network; tiles are pixels of its input.</summary>
    public static TiledPart Stage1 { get; } = new("stage 1", "stage 1");

    /// <summary>The generator of one evaluation.</summary>
    public static TiledPart Generator { get; } = new("generator", "regenerating detail");

    /// <summary>The autoencoder's encoder.</summary>
    public static TiledPart Encoder { get; } = new("encoder", "encoding");

    /// <summary>The denoising network.</summary>
    public static TiledPart Denoiser { get; } = new("denoiser", "regenerating detail");

    /// <summary>The decoder's gradient, for guidance that looks at pixels.</summary>
    public static TiledPart Guidance { get; } = new("guidance", "guidance");

    /// <summary>The autoencoder's decoder.</summary>
    public static TiledPart Decoder { get; } = new("decoder", "decoding");
}
