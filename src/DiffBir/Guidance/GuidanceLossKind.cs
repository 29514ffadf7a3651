namespace DiffBir.Guidance;

/// <summary>What restoration guidance compares.</summary>
public enum GuidanceLossKind
{
    /// <summary>Flat regions more than textured ones.</summary>
    [OptionWord("w-mse")]
    WeightedMse,

    /// <summary>All regions alike.</summary>
    Mse,
}
