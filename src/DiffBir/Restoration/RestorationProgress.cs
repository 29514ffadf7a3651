using DiffBir.Imaging;

namespace DiffBir.Restoration;

/// <summary>What a restoration is doing.</summary>
/// <param name="Stage">The part of the work.</param>
/// <param name="Step">The steps of this part that are done.</param>
/// <param name="Steps">The steps of this part.</param>
public readonly record struct RestorationProgress(RestorationStage Stage, int Step, int Steps)
{
    /// <summary>The face that is restored, from 1; 0 for the photo or its background.</summary>
    public int Face { get; init; }

    /// <summary>The faces that are restored by themselves, before the background; 0 where there are none.</summary>
    public int Faces { get; init; }
}

/// <summary>The parts of a restoration, in their order.</summary>
public enum RestorationStage
{
    /// <summary>Stage 1 removes the degradation.</summary>
    RemovingDegradation,

    /// <summary>The clean image and the prompts are encoded.</summary>
    Encoding,

    /// <summary>Stage 2 regenerates detail, step by step.</summary>
    Sampling,

    /// <summary>The latent is decoded.</summary>
    Decoding,

    /// <summary>Colors are fixed and the image gets its size.</summary>
    Finishing,
}

/// <summary>An image from the middle of the work.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Step">For previews, the step.</param>
/// <param name="Render">Computes it: three planes in [0, 1], the caller's to dispose. Costs time; only valid during the callback.</param>
public readonly record struct Intermediate(IntermediateKind Kind, int Step, Func<PlanarImage> Render)
{
    /// <summary>For previews, the sample they show: the number of its result, from 0.</summary>
    public int Sample { get; init; }

    /// <summary>The face it shows, from 1; 0 for the photo or its background.</summary>
    public int Face { get; init; }

    /// <summary>Whether its three planes are equal.</summary>
    public ColorModel ColorModel { get; init; }

    /// <summary>Computes it as a photo. Costs time; only valid during the callback.</summary>
    public Photo RenderPhoto() => new(Render()) { ColorModel = ColorModel };
}

/// <summary>The images from the middle of the work.</summary>
public enum IntermediateKind
{
    /// <summary>The clean image of stage 1.</summary>
    Clean,

    /// <summary>What the condition latent decodes to.</summary>
    Condition,

    /// <summary>Where restoration guidance pulls: white fully, black not at all.</summary>
    WeightMap,

    /// <summary>What the image would be if sampling ended now.</summary>
    Preview,

    /// <summary>The photo as it is, with frames around its faces and their points.</summary>
    FaceMarks,

    /// <summary>A face, cut out and turned upright.</summary>
    AlignedFace,

    /// <summary>The same face, restored.</summary>
    RestoredFace,

    /// <summary>Where a restored face is seen: white fully, black not at all. Its part of the result.</summary>
    FaceMask,
}

/// <summary>What a caller wants to hear of a restoration; called on the working thread.</summary>
public sealed record RestorationEvents
{
    /// <summary>Called before, during and after each part.</summary>
    public Action<RestorationProgress>? OnProgress { get; init; }

    /// <summary>Called for each image from the middle of the work.</summary>
    public Action<Intermediate>? OnIntermediate { get; init; }

    /// <summary>
    /// Whether previews are decoded like the result. Without it they are computed from the latents directly where the pack can do
    /// that (<see cref="Packs.ModelPack.LatentColors"/>): as large as the latents, a little blurred, for hardly any time.
    /// </summary>
    public bool FullPreviews { get; init; }

    /// <summary>Called with one sentence for each decision made for the user, such as a tile size.</summary>
    public Action<string>? OnDecision { get; init; }

    /// <summary>The same for a photo without color: images from the middle of the work have none either.</summary>
    internal RestorationEvents InGray() =>
        OnIntermediate is { } hear
            ? this with
            {
                OnIntermediate = image =>
                    hear(
                        image with
                        {
                            ColorModel = ColorModel.Gray,
                            Render = () =>
                            {
                                var rendered = image.Render();
                                Grayscale.RemoveColor(rendered);
                                return rendered;
                            },
                        }
                    ),
            }
            : this;
}
