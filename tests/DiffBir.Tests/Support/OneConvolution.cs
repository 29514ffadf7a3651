using DiffBir.Graphs;
using DiffBir.Networks;

namespace DiffBir.Tests.Support;

/// <summary>The sizes of <see cref="OneConvolution"/>.</summary>
public sealed record OneConvolutionConfig : Stage1Config
{
    /// <summary>Side of the kernel.</summary>
    public int Kernel { get; init; } = 3;

    internal override Architecture Architecture => OneConvolution.Architecture;

    /// <inheritdoc/>
    internal override Graph Build(int batch, int height, int width) => OneConvolution.Build(this, batch, height, width);
}

/// <summary>A network of stage 1 that the library does not know: all there is of it stands in this file.</summary>
internal static class OneConvolution
{
    private const int MaxKernel = 15;

    /// <summary>How the network is known.</summary>
    public static Architecture<OneConvolutionConfig> Architecture { get; } =
        new()
        {
            Kind = "OneConvolution",
            Title = "One convolution (stage 1, for tests)",
            Marks = ["the_convolution.weight"],
            Official = new(),
            Recover = weights => new() { Kernel = weights.Size("the_convolution.weight", 2, otherwise: 3) },
            Validate = (config, rules) =>
            {
                rules.Within(config.Kernel, 1, MaxKernel);
                rules.Validate(config.Kernel % 2 == 1, config.Kernel, "odd");
            },
            Build = (config, scope) => [Build(config, 1, 1, 1, scope)],
        };

    /// <summary>The networks of the library, and this one.</summary>
    public static Architectures Registered { get; } = new([.. Architectures.Known.Stage1, Architecture]);

    /// <summary>The network: input <c>lq</c> [B, 3, H, W], output <c>clean</c> of the same size.</summary>
    public static Graph Build(OneConvolutionConfig config, int batch, int height, int width, ParameterScope scope = default)
    {
        var g = new GraphBuilder("one convolution");
        var lq = g.Input("lq", [batch, 3, height, width]);
        return g.Build(
            ("clean", g.At(scope)["the_convolution"].Conv2d(lq, 3, config.Kernel, padding: Padding.Same(config.Kernel / 2)))
        );
    }
}
