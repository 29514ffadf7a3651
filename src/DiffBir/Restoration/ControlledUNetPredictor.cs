using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Networks.Diffusion;
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
    private readonly Tensor _strength;

    /// <summary>Describes the network; nothing is loaded yet.</summary>
    /// <param name="pack">The sizes.</param>
    /// <param name="task">Whose IRControlNet it is.</param>
    /// <param name="files">Where the weights are.</param>
    /// <param name="strength">The factor on each of IRControlNet's outputs.</param>
    /// <param name="options">Where and how it runs.</param>
    public ControlledUNetPredictor(ModelPack pack, TaskNetworks task, PackFiles files, double strength, EngineOptions options)
    {
        var config = pack.UNetSizes;
        _strength = new Tensor(config.Controls);
        _strength.Span.Fill((float)strength);
        var tokens = pack.TextEncoder?.Network.Sizes.ContextLength ?? 1;
        _network = new SizedNetwork(
            (height, width) => ControlledUNet.Build(config, 1, height, width, tokens),
            () =>
                new Weights()
                    .Bind($"{ControlledUNet.ControlScope.Path}.", files.Open(task.Control!), task.ControlPrefix)
                    .Bind($"{ControlledUNet.UNetScope.Path}.", files.Open(pack.UNet!.File), pack.UNet.Prefix),
            options
        );
    }

    /// <inheritdoc/>
    public Latent Predict(Latent xt, double timestep, DenoiserCondition condition, CancellationToken cancellation)
    {
        var batch = xt.Size(0);
        var prediction = xt.Store.Create(xt.Shape);
        var time = new Tensor([(float)timestep], 1);
        for (var image = 0; image < batch; image++)
        {
            var result = _network.Run(
                xt.Size(2),
                xt.Size(3),
                cancellation,
                ("xt", Image(xt, image)),
                ("hint", Image(condition.Latent, image)),
                ("timestep", time),
                ("context", Context(condition.Text, image)),
                ("strength", _strength)
            );
            prediction.Planes.Write(image * xt.Length / batch, result["prediction"].Span);
        }

        return prediction;
    }

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

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
