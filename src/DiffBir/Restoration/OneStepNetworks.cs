using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Networks.Autoencoder;
using DiffBir.Packs;
using DiffBir.Packs.Lora;

namespace DiffBir.Restoration;

/// <summary>The networks of a one-step pack whose weights are merged with LoRAs.</summary>
internal sealed class OneStepNetworks : IDisposable
{
    private readonly MergedWeights _merged;
    private readonly MergedWeights? _faithful;
    private readonly MergedWeights? _encoder;
    private readonly OneStepPredictor _unet;
    private readonly OneStepPredictor? _faithfulUNet;

    /// <summary>Describes the networks; nothing is merged or loaded yet.</summary>
    /// <param name="pack">A pack of one step.</param>
    /// <param name="files">Where the weights are.</param>
    /// <param name="engine">Where and how networks run.</param>
    public OneStepNetworks(ModelPack pack, PackFiles files, EngineOptions engine)
    {
        var step = pack.OneStep!;
        var target = LoraTarget.Of(pack.UNet!);
        _merged = new MergedWeights(target, step.Lora, step.Lora.Count, files, engine);
        _unet = new OneStepPredictor(pack, _merged, engine);
        if (step.HasDial)
        {
            _faithful = new MergedWeights(target, step.Lora, step.Lora.Count - 1, files, engine);
            _faithfulUNet = new OneStepPredictor(pack, _faithful, engine);
        }

        if (step.EncoderLora.Count > 0)
        {
            var encoder = LoraTarget.Of(pack.AutoencoderSource);
            _encoder = new MergedWeights(encoder, step.EncoderLora, step.EncoderLora.Count, files, engine);
        }
    }

    /// <summary>The autoencoder's weights; null where none of them are merged.</summary>
    public Func<Weights>? Autoencoder => _encoder is { } encoder ? () => encoder.Bind($"{AutoencoderKl.Scope.Path}.") : null;

    /// <summary>Merges the weights that are used, unless that is done.</summary>
    /// <param name="full">Whether the UNet with all LoRAs is used.</param>
    /// <param name="faithful">Whether the UNet without the last one is used.</param>
    /// <param name="onDecision">Told what takes a while.</param>
    /// <param name="cancellation">Ends the work.</param>
    public void Merge(bool full, bool faithful, Action<string>? onDecision, CancellationToken cancellation)
    {
        _encoder?.Prepare(onDecision, cancellation);
        if (full)
        {
            _merged.Prepare(onDecision, cancellation);
        }

        if (faithful)
        {
            _faithful?.Prepare(onDecision, cancellation);
        }
    }

    /// <summary>The UNet.</summary>
    /// <param name="faithful">Whether it is the one without the last LoRA.</param>
    public OneStepPredictor UNet(bool faithful) =>
        faithful ? _faithfulUNet ?? throw new InvalidOperationException("The pack has no dial.") : _unet;

    /// <inheritdoc/>
    public void Dispose()
    {
        _unet.Dispose();
        _faithfulUNet?.Dispose();
    }
}
