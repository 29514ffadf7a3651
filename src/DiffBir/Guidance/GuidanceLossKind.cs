namespace DiffBir.Guidance;

/// <summary>What restoration guidance compares.</summary>
public enum GuidanceLossKind
{
    /// <summary>All regions alike.</summary>
    Mse,

    /// <summary>Flat regions more than textured ones.</summary>
    WeightedMse,
}
