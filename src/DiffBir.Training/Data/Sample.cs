namespace DiffBir.Training.Data;

/// <summary>One training example.</summary>
/// <param name="Photo">The photo's name.</param>
/// <param name="Clean">[1, 3, H, W] in [0, 1].</param>
/// <param name="Lq">The degraded crop, of the same size; null where a task needs none.</param>
/// <param name="Small">The degraded crop as small as the degradation left it, where that is smaller; null elsewhere.</param>
internal sealed record Sample(string Photo, Tensor Clean, Tensor? Lq, Tensor? Small = null);
