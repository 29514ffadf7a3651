using DiffBir.Engine;
using DiffBir.Networks.Diffusion;
using DiffBir.Packs;
using DiffBir.Packs.Lora;
using DiffBir.Sampling;

namespace DiffBir.Restoration;

/// <summary>The UNet of a one-step pack, its LoRAs merged into it; what steers it is the text alone.</summary>
internal sealed class OneStepPredictor : INoisePredictor, IDisposable
{
    private readonly SizedNetwork _network;

    /// <summary>Describes the network; nothing is loaded yet.</summary>
    /// <param name="pack">The sizes.</param>
    /// <param name="weights">The weights, merged before the first prediction.</param>
    /// <param name="engine">Where and how it runs.</param>
    public OneStepPredictor(ModelPack pack, MergedWeights weights, EngineOptions engine)
    {
        var (config, scope) = (pack.UNetSizes, ControlledUNet.UNetScope);
        var tokens = pack.TextEncoder?.Network.Sizes.ContextLength ?? 1;
        _network = new SizedNetwork(
            (height, width) => UNet.Build(config, new(1, height, width, tokens), scope),
            () => weights.Bind($"{scope.Path}."),
            engine
        );
    }

    /// <inheritdoc/>
    public Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation)
    {
        var result = _network.Run(
            xt.Size(2),
            xt.Size(3),
            cancellation,
            ("xt", xt.ToTensor()),
            ("timestep", new Tensor([(float)timestep], 1)),
            ("context", condition.Text)
        );
        return xt.Store.Wrap(result["prediction"]);
    }

    /// <summary>Loads the network for latents of a size.</summary>
    public void Load(int height, int width) => _network.Load(height, width);

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
