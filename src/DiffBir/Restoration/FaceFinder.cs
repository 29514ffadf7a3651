using DiffBir.Engine;
using DiffBir.Faces;
using DiffBir.Faces.Cascades;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;

namespace DiffBir.Restoration;

/// <summary>Finds the faces of a photo, and restores nothing.</summary>
/// <param name="choice">What finds them.</param>
/// <param name="maxMemory">The bytes that may be used; null: what the machine has free.</param>
/// <param name="engine">Where and how the detector runs.</param>
internal sealed class FaceFinder(FaceDetectorChoice choice, long? maxMemory, EngineOptions engine)
{
    /// <summary>Where cascades that were read are kept.</summary>
    public KeptCascades Kept { get; init; } = new();

    /// <summary>Finds faces; a network is in memory only meanwhile.</summary>
    /// <param name="photo">Three planes in [0,1].</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>The faces in pixels of the photo, the surest first.</returns>
    /// <exception cref="PackException">The detector's file is missing or holds another network.</exception>
    public IReadOnlyList<FaceDetection> Find(PlanarImage photo, CancellationToken cancellation)
    {
        using var networks = new FaceNetworks(choice.Networks, swapsColors: false, engine) { Kept = Kept }.With(choice.Cascades);
        return Find(networks, photo, maxMemory is { } bytes ? MemoryLimit.Of(bytes) : MemoryLimit.WhatIsFree, cancellation);
    }

    /// <summary>Finds faces with networks that stay loaded.</summary>
    public static IReadOnlyList<FaceDetection> Find(
        FaceNetworks networks,
        PlanarImage photo,
        MemoryLimit limit,
        CancellationToken cancellation
    )
    {
        var budget = MemoryBudget.Of(limit, SystemMemory.Available(), networks.FreeDeviceMemory());
        return networks.Detector.Detect(photo, budget.Networks, cancellation);
    }
}
