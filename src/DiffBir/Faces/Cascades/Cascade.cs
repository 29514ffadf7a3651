namespace DiffBir.Faces.Cascades;

/// <summary>
/// A boosted cascade of Haar-like features: stages that a window of a picture must pass one after the other. Viola and Jones, "Rapid
/// Object Detection using a Boosted Cascade of Simple Features" (2001); Lienhart and Maydt, "An Extended Set of Haar-like Features"
/// (2002).
/// </summary>
/// <param name="Width">Columns of the window that it was trained for.</param>
/// <param name="Height">Rows of the window.</param>
/// <param name="Stages">The stages in their order.</param>
/// <param name="Features">What the nodes of all stages compare.</param>
internal sealed record Cascade(int Width, int Height, CascadeStage[] Stages, HaarFeature[] Features);

/// <summary>A stage: the sum of its trees' answers decides.</summary>
/// <param name="Threshold">The least sum with which a window passes.</param>
/// <param name="Trees">Its weak classifiers.</param>
internal sealed record CascadeStage(float Threshold, DecisionTree[] Trees);

/// <summary>A weak classifier.</summary>
/// <param name="Nodes">The nodes, the root first; children follow their parents.</param>
/// <param name="Leaves">The answers, one more than nodes.</param>
internal sealed record DecisionTree(DecisionNode[] Nodes, float[] Leaves);

/// <summary>A node: compares a feature with a threshold.</summary>
/// <param name="Left">What follows where the feature is below: a node above 0, else the leaf of the negated number.</param>
/// <param name="Right">What follows elsewhere.</param>
/// <param name="Feature">Which of the cascade's features.</param>
/// <param name="Threshold">In deviations of the window's values, times its area.</param>
internal readonly record struct DecisionNode(int Left, int Right, int Feature, float Threshold);

/// <summary>A feature: a weighted sum of rectangles' sums.</summary>
/// <param name="Rectangles">One to three rectangles in the window.</param>
/// <param name="IsTilted">Whether they are turned by 45 degrees, clockwise about their top corners.</param>
internal sealed record HaarFeature(HaarRectangle[] Rectangles, bool IsTilted);

/// <summary>A rectangle of a feature, in pixels of the window.</summary>
internal readonly record struct HaarRectangle(int X, int Y, int Width, int Height, float Weight);
