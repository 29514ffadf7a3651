using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks.Diffusion;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Restoration;

/// <summary>IRControlNet and the UNet, as samplers' wrappers ask for them.</summary>
/// <remarks>
/// Images of a batch are computed one after the other: on the processor that is as fast as together
/// (docs/adr/0007-inference-speed.md), and takes half of the memory.
/// </remarks>
internal sealed class ControlledUNetPredictor : INoisePredictor, IDisposable
{
    private readonly SizedNetwork _network;
    private readonly SizedNetwork? _shallow;
    private readonly UNetConfig _config;
    private readonly int _depth;
    private readonly Tensor _strength;

    /// <summary>Describes the network; nothing is loaded yet.</summary>
    /// <param name="pack">The sizes.</param>
    /// <param name="task">Whose IRControlNet it is.</param>
    /// <param name="files">Where the weights are.</param>
    /// <param name="settings">The factor on each of IRControlNet's outputs, and what steps take over from others.</param>
    /// <param name="options">Where and how it runs.</param>
    public ControlledUNetPredictor(
        ModelPack pack,
        TaskNetworks task,
        PackFiles files,
        SamplingSettings settings,
        EngineOptions options
    )
    {
        (_config, _depth) = (pack.UNetSizes, settings.Reuse.Depth);
        _strength = new Tensor(_config.Controls);
        _strength.Span.Fill((float)settings.Strength);
        var weights = new Lazy<Weights>(() =>
            new Weights()
                .Bind($"{ControlledUNet.ControlScope.Path}.", files.Open(task.Control!), task.ControlPrefix)
                .Bind($"{ControlledUNet.UNetScope.Path}.", files.Open(pack.UNet!.File), pack.UNet.Prefix)
        );
        _network = new SizedNetwork((height, width) => Graph(pack, settings.Reuse, height, width), () => weights.Value, options);
        if (settings.Reuse.IsOn)
        {
            _shallow = new SizedNetwork(
                (height, width) => ShallowGraph(pack, settings.Reuse, height, width),
                () => weights.Value,
                options
            );
        }
    }

    /// <summary>The network of a step that computes everything.</summary>
    public static Graph Graph(ModelPack pack, FeatureReuse reuse, int height, int width) =>
        reuse.IsOn
            ? ControlledUNet.BuildKeeping(pack.UNetSizes, reuse.Depth, height, width, Tokens(pack))
            : ControlledUNet.Build(pack.UNetSizes, new(1, height, width, Tokens(pack)));

    /// <summary>The network of a step that takes the deep layers' part over.</summary>
    public static Graph ShallowGraph(ModelPack pack, FeatureReuse reuse, int height, int width) =>
        ControlledUNet.BuildShallow(pack.UNetSizes, reuse.Depth, height, width, Tokens(pack));

    /// <inheritdoc/>
    public Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation)
    {
        var batch = xt.Size(0);
        var prediction = xt.Store.Create(xt.Shape);
        for (var image = 0; image < batch; image++)
        {
            var result = PredictImage(xt, timestep, condition, image, cancellation);
            prediction.Planes.Write(image * xt.Length / batch, result.Span);
        }

        return prediction;
    }

    /// <summary>Loads the network of whole steps for latents of a size.</summary>
    public void Load(int height, int width) => _network.Load(height, width);

    /// <summary>Frees the networks' memory.</summary>
    public void Unload()
    {
        _network.Unload();
        _shallow?.Unload();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _shallow?.Dispose();
    }

    private static int Tokens(ModelPack pack) => pack.TextEncoder?.Network.Sizes.ContextLength ?? 1;

    private Tensor PredictImage(
        Latent xt,
        double timestep,
        DenoiserCondition condition,
        int image,
        CancellationToken cancellation
    )
    {
        var (height, width) = (xt.Size(2), xt.Size(3));
        List<(string, Tensor)> inputs =
        [
            ("xt", Image(xt, image)),
            ("hint", Image(condition.Latent, image)),
            ("timestep", new Tensor([(float)timestep], 1)),
            ("context", Context(condition.Text, image)),
            ("strength", _strength),
        ];
        if (_shallow is null || condition.Deep is not { } deep)
        {
            return _network.Run(height, width, cancellation, [.. inputs])["prediction"];
        }

        var place = new DeepPlace(condition.Top, condition.Left, image);
        if (deep.Find(place, timestep, UNetDecoder.DeepShape(_config, _depth, height, width).AsSpan()) is { } kept)
        {
            return _shallow.Run(height, width, cancellation, [.. inputs, ("deep", kept)])["prediction"];
        }

        var results = _network.Run(height, width, cancellation, [.. inputs]);
        deep.Keep(place, results["deep"]);
        return results["prediction"];
    }

    // A condition that is the same for all images has a batch of one.
    private static Tensor Image(Latent batch, int image) =>
        LatentMath.Images(batch, batch.Size(0) == 1 ? 0 : image, count: 1).ToTensor();

    private static Tensor Context(Tensor batch, int image)
    {
        if (batch.Size(0) == 1)
        {
            return batch;
        }

        var length = batch.Length / batch.Size(0);
        return new Tensor(batch.Data.AsSpan(image * length, length).ToArray(), [1, .. batch.Shape[1..]]);
    }
}
