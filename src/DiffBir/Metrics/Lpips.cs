using DiffBir.Checkpoints;
using DiffBir.Engine;

namespace DiffBir.Metrics;

/// <summary>
/// Learned perceptual similarity (Zhang, Isola, Efros, Shechtman, Wang 2018), version 0.1: how far apart two images are in the features
/// of a classifier. 0 is identical; lower is closer. Its weights are not part of this library.
/// </summary>
public sealed class Lpips : IDisposable
{
    private const double Epsilon = 1e-10; // the original's, in the length of a feature vector

    // The original's normalization of images in [-1, 1].
    private static readonly float[] Shift = [-0.030f, -0.088f, -0.188f];
    private static readonly float[] Scale = [0.458f, 0.448f, 0.450f];

    private readonly FeatureNetwork _features;
    private readonly SizedNetwork _network;
    private readonly float[][] _linear;

    private Lpips(FeatureNetwork features, Weights weights, float[][] linear)
    {
        _features = features;
        _linear = linear;
        _network = new SizedNetwork(features.Build, () => weights, new EngineOptions { Device = Device.Cpu });
    }

    /// <summary>The shortest side that can be measured.</summary>
    public int MinSide => _features.MinSide;

    /// <summary>Opens the weights: torchvision's AlexNet or VGG-16 and LPIPS' linear layers for it, in one or several files of a folder.</summary>
    /// <param name="folder">For example with <c>alexnet-owt-7be5be79.pth</c> and LPIPS' <c>alex.pth</c>.</param>
    /// <exception cref="CheckpointException">A file is damaged, or weights are missing.</exception>
    public static Lpips Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException($"There is no folder {folder} with the weights of LPIPS.");
        }

        Checkpoint[] files =
        [
            .. Directory
                .EnumerateFiles(folder)
                .Where(path => Path.GetExtension(path) is ".pth" or ".pt" or ".safetensors")
                .Order(StringComparer.Ordinal)
                .Select(Checkpoint.Open),
        ];
        var classifier = Array.Find(files, file => file.Tensors.ContainsKey("features.0.weight"));
        var layers = Array.Find(files, file => file.Tensors.ContainsKey("lin0.model.1.weight"));
        if (classifier is null || layers is null)
        {
            var missing = classifier is null
                ? "the classifier (features.0.weight …)"
                : "the linear layers (lin0.model.1.weight …)";
            throw new CheckpointException(
                $"{folder} lacks {missing}. Put torchvision's AlexNet or VGG-16 and LPIPS' file for it there, as .pth or .safetensors."
            );
        }

        var network = classifier.Tensors["features.0.weight"].Shape[^1] == 11 ? FeatureNetwork.Alex : FeatureNetwork.Vgg;
        var weights = Weights.From(classifier);
        weights.Validate(network.Build(network.MinSide, network.MinSide));
        return new Lpips(
            network,
            weights,
            [.. network.Stages.Select((stage, index) => ReadLinear(layers, index, stage.Layers[^1].Channels))]
        );
    }

    /// <summary>Compares two images.</summary>
    /// <param name="image01">[1,3,H,W] in [0,1], at least <see cref="MinSide"/> on each side inside the border.</param>
    /// <param name="reference01">As large.</param>
    /// <param name="border">Pixels to leave out on each side.</param>
    /// <exception cref="ShapeException">The sizes differ, or too little is left inside the border.</exception>
    public double Measure(Tensor image01, Tensor reference01, int border = 0)
    {
        ImagePair.Validate(image01, reference01);
        var image = Features(ImagePair.Inside(image01, border));
        var reference = Features(ImagePair.Inside(reference01, border));
        return Enumerable.Range(0, _linear.Length).Sum(stage => Distance(image, reference, stage));
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private static float[] ReadLinear(Checkpoint layers, int stage, int channels)
    {
        var weights = layers.Read($"lin{stage}.model.1.weight");
        weights.Validate($"lin{stage}.model.1.weight", 1, channels, 1, 1);
        return weights.Data;
    }

    private IReadOnlyDictionary<string, Tensor> Features(Tensor image01)
    {
        var (height, width) = (image01.Size(2), image01.Size(3));
        if (Math.Min(height, width) < MinSide)
        {
            throw new ShapeException(
                $"LPIPS needs at least {MinSide} pixels on each side, got {width}x{height}. Use larger images or a smaller border."
            );
        }

        var normalized = new Tensor(image01.Shape);
        for (var index = 0; index < normalized.Length; index++)
        {
            var channel = index / (height * width);
            normalized.Data[index] = ((image01.Data[index] * 2) - 1 - Shift[channel]) / Scale[channel];
        }

        return _network.Run(height, width, CancellationToken.None, ("image", normalized));
    }

    /// <summary>The mean over the pixels of the weighted squared differences of the feature vectors, each brought to length 1.</summary>
    private double Distance(IReadOnlyDictionary<string, Tensor> image, IReadOnlyDictionary<string, Tensor> reference, int stage)
    {
        var (a, b) = (image[FeatureNetwork.Output(stage)], reference[FeatureNetwork.Output(stage)]);
        var pixels = a.Size(2) * a.Size(3);
        var (lengthsA, lengthsB) = (Lengths(a, pixels), Lengths(b, pixels));
        var sum = 0.0;
        for (var index = 0; index < a.Length; index++)
        {
            var pixel = index % pixels;
            var difference = (a.Data[index] / lengthsA[pixel]) - (b.Data[index] / lengthsB[pixel]);
            sum += _linear[stage][index / pixels] * difference * difference;
        }

        return sum / pixels;
    }

    private static double[] Lengths(Tensor features, int pixels)
    {
        var squares = new double[pixels];
        for (var index = 0; index < features.Length; index++)
        {
            squares[index % pixels] += (double)features.Data[index] * features.Data[index];
        }

        return Array.ConvertAll(squares, square => Math.Sqrt(square) + Epsilon);
    }
}
