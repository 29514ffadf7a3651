using DiffBir.Graphs;

namespace DiffBir.Metrics;

/// <summary>A classifier's convolutions, as torchvision numbers them, cut into the five stages whose features LPIPS compares.</summary>
/// <param name="Name">For messages.</param>
/// <param name="PoolSize">The side of the windows of max pooling, which stand before some stages; they move by two pixels.</param>
/// <param name="Stages">The stages' convolutions.</param>
internal sealed record FeatureNetwork(string Name, int PoolSize, IReadOnlyList<FeatureStage> Stages)
{
    private const int PoolStride = 2;

    /// <summary>AlexNet (Krizhevsky 2014), the usual choice.</summary>
    public static FeatureNetwork Alex { get; } =
        new(
            "AlexNet",
            3,
            [
                new(false, [new(0, 64, 11, Stride: 4, Padding: 2)]),
                new(true, [new(3, 192, 5, Stride: 1, Padding: 2)]),
                new(true, [new(6, 384)]),
                new(false, [new(8, 256)]),
                new(false, [new(10, 256)]),
            ]
        );

    /// <summary>VGG-16 (Simonyan and Zisserman 2014).</summary>
    public static FeatureNetwork Vgg { get; } =
        new(
            "VGG-16",
            2,
            [
                new(false, [new(0, 64), new(2, 64)]),
                new(true, [new(5, 128), new(7, 128)]),
                new(true, [new(10, 256), new(12, 256), new(14, 256)]),
                new(true, [new(17, 512), new(19, 512), new(21, 512)]),
                new(true, [new(24, 512), new(26, 512), new(28, 512)]),
            ]
        );

    /// <summary>The shortest side at which every stage still has a pixel.</summary>
    public int MinSide => PoolSize == 3 ? 31 : 16;

    /// <summary>What the n-th stage's output is called.</summary>
    public static string Output(int stage) => $"stage{stage}";

    /// <summary>The network for an image size.</summary>
    /// <returns>From <c>image</c> [1,3,H,W], normalized, to the features of each stage [1,C,h,w].</returns>
    public Graph Build(int height, int width)
    {
        var g = new GraphBuilder(Name);
        var x = g.Input("image", [1, 3, height, width]);
        var outputs = new List<(string, Node)>();
        foreach (var stage in Stages)
        {
            x = stage.PoolBefore ? g.MaxPool2d(x, PoolSize, PoolStride) : x;
            foreach (var layer in stage.Layers)
            {
                var s = g.At(ParameterScope.Root)["features"][layer.Index];
                x = s.Conv2d(x, layer.Channels, layer.Kernel, layer.Stride, Padding.Same(layer.Padding));
                x = g.Apply(UnaryFunction.Relu, x);
            }

            outputs.Add((Output(outputs.Count), x));
        }

        return g.Build([.. outputs]);
    }
}

/// <summary>Layers up to the next features.</summary>
/// <param name="PoolBefore">Whether the image is halved first.</param>
/// <param name="Layers">Convolutions, each followed by a ReLU.</param>
internal sealed record FeatureStage(bool PoolBefore, IReadOnlyList<FeatureLayer> Layers);

/// <summary>A convolution.</summary>
/// <param name="Index">Its number in torchvision's list of features.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Kernel">The kernel's side.</param>
/// <param name="Stride">The step.</param>
/// <param name="Padding">Zeros on each side.</param>
internal sealed record FeatureLayer(int Index, int Channels, int Kernel = 3, int Stride = 1, int Padding = 1);
