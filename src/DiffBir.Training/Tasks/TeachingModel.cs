using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Training.Configuration;
using DiffBir.Training.Execution;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tasks;

/// <summary>What makes images larger for others to learn from: the same image of the same small one, always.</summary>
internal interface ITeachingModel : IDisposable
{
    /// <summary>Enlarges an image.</summary>
    /// <param name="small">[1, 3, h, w] in [0, 1].</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>[1, 3, s·h, s·w], about [0, 1]; the caller's.</returns>
    TorchTensor Enlarge(TorchTensor small, CancellationToken cancellation);
}

/// <summary>A network that enlarges, from a checkpoint that holds nothing else.</summary>
internal sealed class TeachingNetwork : ITeachingModel
{
    private readonly GraphNetwork _network;
    private readonly ParameterSet _weights;

    /// <summary>Opens the weights.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="product">The type in which convolutions are computed.</param>
    /// <exception cref="DiffBirException">The checkpoint holds something else.</exception>
    public TeachingNetwork(string path, torch.Device device, ScalarType product)
    {
        var checkpoint = Checkpoint.Open(path);
        var (sizes, prefix) = Recognize(checkpoint);
        _network = new GraphNetwork(sizes.Build, device, product);
        var weights = new Weights().Bind("", checkpoint, prefix);
        _weights = ParameterSet.Load(weights, device, sizes.Build(1, sizes.SizeMultiple, sizes.SizeMultiple));
    }

    /// <inheritdoc/>
    public TorchTensor Enlarge(TorchTensor small, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _network.For(small).Run(small, _weights.Tensors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _weights.Dispose();
    }

    private static (Stage1Config Sizes, string Prefix) Recognize(Checkpoint checkpoint)
    {
        var networks = CheckpointInspector.Inspect(checkpoint).Networks;
        return networks is [{ Sizes: Stage1Config { OutputScale: > 1 } sizes } network]
            ? (sizes, network.Prefix)
            : throw new DiffBirException(
                $"The teacher '{checkpoint.Path}' must hold one network that enlarges and nothing else, got {Describe(networks)}."
            );
    }

    private static string Describe(IReadOnlyList<FoundNetwork> networks) =>
        networks.Count == 0 ? "none that is known" : string.Join(", ", networks.Select(network => network.Title));
}

/// <summary>A whole pack that restores as its user would, with one seed: both stages, as many steps as wanted.</summary>
/// <param name="pack">The pack.</param>
/// <param name="steps">Steps of its sampler; null: what the pack uses.</param>
/// <param name="weightsFolder">Where its files are; null: where packs' files are.</param>
internal sealed class TeachingPack(ModelPack pack, int? steps, string? weightsFolder) : ITeachingModel
{
    private const int Upscale = 4; // as the networks that teach

    private readonly Restorer _restorer = new(
        pack,
        new RestorationOptions
        {
            Upscale = Upscale,
            Sampling = new SamplingOptions { Steps = steps },
            Engine = new EngineOptions { Device = Engine.Device.Cpu },
        },
        weightsFolder is null ? [] : [weightsFolder]
    );

    /// <summary>Opens the pack that a configuration names.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="folder">The run's folder, to which paths are relative.</param>
    public static TeachingPack Open(TeacherPackOptions options, string folder)
    {
        var weights = options.Weights is { } path ? Path.GetFullPath(path, folder) : null;
        var pack = PackCatalog.Names.Contains(options.Name)
            ? PackCatalog.Find(options.Name)
            : PackReader.Read(Path.GetFullPath(options.Name, folder));
        return new TeachingPack(pack, options.Steps, weights);
    }

    /// <inheritdoc/>
    public TorchTensor Enlarge(TorchTensor small, CancellationToken cancellation)
    {
        // 16 bits: 8 would be rounded on the way into stage 1.
        using var photo = new Photo(PlanarImage.Of(small.ToImage())) { Depth = BitDepth.Sixteen };
        using var restored = _restorer.Restore(photo, cancellation: cancellation).Single();
        return restored.Pixels.ToTensor().ToTorch(small.device);
    }

    /// <inheritdoc/>
    public void Dispose() => _restorer.Dispose();
}
