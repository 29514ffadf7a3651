using DiffBir.Networks.Autoencoder;
using DiffBir.Training.Execution;

namespace DiffBir.Training.Tasks;

/// <summary>
/// An autoencoder's first weights where its patch is all of its reduction: the cosine transform of JPEG, forth and back, of
/// which the latent holds the strongest waves. What the network adds is zero yet, so training starts from about what a linear
/// transform can do at best (32 dB with 24 waves) instead of from nothing.
/// </summary>
/// <remarks>
/// Norms and activations stand in the way of anything linear. Two constant channels in each group of the norm, far larger than
/// the rest, hold its scale still; and SiLU(x) − SiLU(−x) = x gives each wave back that passes once as it is and once negated.
/// </remarks>
internal sealed class DctInitialization
{
    private const float Anchor = 4; // the constant channels: ±4
    private const int Anchors = 2; // of each group
    private const float Signal = 0.3f; // the waves' deviation between the first and the last convolution

    private readonly AutoencoderConfig _sizes;
    private readonly DctBasisFunction[] _waves;
    private readonly int[] _channels; // where waves may pass, two neighbors for each
    private readonly float _gain; // undoes the norm

    private DctInitialization(AutoencoderConfig sizes)
    {
        _sizes = sizes;
        _waves = [.. DctBasisFunction.StrongestFirst(sizes.Patch).Take(sizes.LatentChannels)];
        var group = sizes.Channels / sizes.NormGroups;
        _channels = [.. Enumerable.Range(0, sizes.Channels).Where(channel => channel % group >= Anchors).Take(2 * _waves.Length)];
        var anchors = Anchors * Anchor * Anchor;
        _gain = (float)Math.Sqrt((anchors + ((group - Anchors) * Signal * Signal)) / group) / Signal;
    }

    /// <summary>Whether sizes allow it: one level, and room for each wave twice.</summary>
    public static bool Fits(AutoencoderConfig sizes)
    {
        var group = sizes.Channels / sizes.NormGroups;
        return sizes.Reduction == sizes.Patch
            && group % 2 == 0
            && (group - Anchors) * sizes.NormGroups >= 2 * sizes.LatentChannels;
    }

    /// <summary>Overwrites the first and last convolutions of encoder and decoder.</summary>
    /// <param name="weights">The weights, with their residual branches ending in zeros.</param>
    /// <param name="sizes">Sizes that fit.</param>
    public static void Apply(ParameterSet weights, AutoencoderConfig sizes)
    {
        var start = new DctInitialization(sizes);
        var (encoder, decoder) = (LatentSpace.Scope / "encoder", LatentSpace.Scope / "decoder");
        start.Enter(weights, (encoder / "conv_in").Path, start.At);
        start.Leave(weights, (encoder / "conv_out").Path, (wave, k) => k == wave ? 1 / start.Unit : 0);
        start.PassOn(weights, (LatentSpace.Scope / "quant_conv").Path);
        start.PassOn(weights, (LatentSpace.Scope / "post_quant_conv").Path);
        weights.Assign((LatentSpace.Scope / "post_quant_conv.bias").Path, new Tensor(sizes.LatentChannels));
        start.Enter(weights, (decoder / "conv_in").Path, (wave, k) => k == wave ? start.Unit : 0);
        start.Leave(weights, (decoder / "conv_out").Path, start.At);
    }

    /// <summary>
    /// What is 1 in the latent, the same for every wave, so that latents are as far apart as their images: a diffusion model whose
    /// error is small then makes images whose error is small.
    /// </summary>
    private double Unit => Math.Sqrt(Enumerable.Range(0, _waves.Length).Average(wave => Deviation(wave) * Deviation(wave)));

    private double Deviation(int wave) => 2 * _waves[wave].Deviation; // images are in [-1, 1] here

    private double At(int wave, int pixel) => _waves[wave].At(pixel);

    /// <summary>The first convolution: each wave and its opposite with deviation <see cref="Signal"/>, the constants, the rest as it is.</summary>
    private void Enter(ParameterSet weights, string layer, Func<int, int, double> value)
    {
        var (kernel, bias) = Read(weights, layer);
        var group = _sizes.Channels / _sizes.NormGroups;
        for (var channel = 0; channel < _sizes.Channels; channel++)
        {
            if (channel % group < Anchors)
            {
                Row(kernel, channel).Clear();
                bias.Span[channel] = channel % 2 == 0 ? Anchor : -Anchor;
            }
        }

        for (var index = 0; index < _channels.Length; index++)
        {
            var wave = index / 2;
            var row = Row(kernel, _channels[index]);
            var scale = Signal / Deviation(wave) * (index % 2 == 0 ? 1 : -1);
            row.Clear();
            for (var input = 0; input < kernel.Size(1); input++)
            {
                row[Center(kernel, input)] = (float)(scale * value(wave, input));
            }

            bias.Span[_channels[index]] = 0;
        }

        Write(weights, layer, kernel, bias);
    }

    /// <summary>The last convolution: each wave less its opposite, with what the norm took.</summary>
    private void Leave(ParameterSet weights, string layer, Func<int, int, double> value)
    {
        var (kernel, bias) = Read(weights, layer);
        kernel.Span.Clear();
        bias.Span.Clear();
        for (var output = 0; output < kernel.Size(0); output++)
        {
            for (var index = 0; index < _channels.Length; index++)
            {
                var wave = index / 2;
                var scale = _gain * Deviation(wave) * (index % 2 == 0 ? 1 : -1);
                Row(kernel, output)[Center(kernel, _channels[index])] = (float)(scale * value(wave, output));
            }
        }

        Write(weights, layer, kernel, bias);
    }

    private void PassOn(ParameterSet weights, string layer)
    {
        var kernel = weights.Tensors[$"{layer}.weight"].ToHost();
        kernel.Span.Clear();
        for (var channel = 0; channel < kernel.Size(0); channel++)
        {
            kernel.Span[(channel * kernel.Size(1)) + channel] = 1;
        }

        weights.Assign($"{layer}.weight", kernel);
    }

    private static (Tensor Kernel, Tensor Bias) Read(ParameterSet weights, string layer) =>
        (weights.Tensors[$"{layer}.weight"].ToHost(), weights.Tensors[$"{layer}.bias"].ToHost());

    private static void Write(ParameterSet weights, string layer, Tensor kernel, Tensor bias)
    {
        weights.Assign($"{layer}.weight", kernel);
        weights.Assign($"{layer}.bias", bias);
    }

    private static Span<float> Row(Tensor kernel, int output)
    {
        var length = kernel.Length / kernel.Size(0);
        return kernel.Span.Slice(output * length, length);
    }

    private static int Center(Tensor kernel, int input)
    {
        var area = kernel.Size(2) * kernel.Size(3);
        return (input * area) + (area / 2);
    }
}
