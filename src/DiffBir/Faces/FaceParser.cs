using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Networks;

namespace DiffBir.Faces;

/// <summary>Tells what of an aligned face is face: skin, eyes, glasses, mouth, ears and hair, not the neck, clothes or a hat.</summary>
/// <param name="config">The network's sizes.</param>
/// <param name="weights">Where its weights lie.</param>
/// <param name="options">Where and how it runs.</param>
internal sealed class FaceParser(ParseNetConfig config, Func<Weights> weights, EngineOptions options) : IDisposable
{
    private const int BlurSize = 101;
    private const double BlurSigma = 11;

    /// <summary>Pixels at the face's edge that are never seen.</summary>
    private const int Frame = 10;

    /// <summary>Background, hat, necklace, neck and clothes: what the original leaves to the background.</summary>
    private static readonly int[] Hidden = [0, 14, 16, 17, 18];

    private readonly SizedNetwork _network = new((height, width) => ParseNet.Build(config, height, width), weights, options);

    /// <summary>Whether red and blue change places, as in the original.</summary>
    public bool SwapsColors { get; init; }

    /// <summary>The mask of a face.</summary>
    /// <param name="face01">[1,3,512,512] in [0,1].</param>
    /// <param name="cancellation">Ends the work between operators.</param>
    /// <returns>[1,1,512,512]: 1 where the face is seen, falling to 0 around it.</returns>
    public Tensor MaskOf(Tensor face01, CancellationToken cancellation)
    {
        var (height, width) = (face01.Size(2), face01.Size(3));
        var logits = _network.Run(height, width, cancellation, ("face", Input(face01)))["logits"];
        var mask = MaskFilters.Blur(MaskFilters.Blur(Seen(logits), BlurSize, BlurSigma), BlurSize, BlurSigma);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var isFrame = Math.Min(x, y) < Frame || x >= width - Frame || y >= height - Frame;
                mask.Data[(y * width) + x] = isFrame ? 0 : mask.Data[(y * width) + x];
            }
        }

        return mask;
    }

    /// <summary>Frees the network's memory.</summary>
    public void Unload() => _network.Unload();

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private static Tensor Seen(Tensor logits)
    {
        var (classes, length) = (logits.Size(1), logits.Size(2) * logits.Size(3));
        var seen = new Tensor(1, 1, logits.Size(2), logits.Size(3));
        for (var i = 0; i < length; i++)
        {
            var best = 0;
            for (var part = 1; part < classes; part++)
            {
                best = logits.Data[(part * length) + i] > logits.Data[(best * length) + i] ? part : best;
            }

            seen.Data[i] = Hidden.Contains(best) ? 0 : 1;
        }

        return seen;
    }

    private Tensor Input(Tensor face01)
    {
        var input = new Tensor(face01.Shape);
        var length = input.Length / 3;
        for (var i = 0; i < input.Length; i++)
        {
            var plane = SwapsColors ? 2 - (i / length) : i / length;
            input.Data[i] = (2 * face01.Data[(plane * length) + (i % length)]) - 1;
        }

        return input;
    }
}
