using DiffBir.Networks.Autoencoder;
using DiffBir.Networks.Diffusion;

namespace DiffBir.Networks;

/// <summary>The networks that files are searched for and packs may name.</summary>
/// <param name="stage1">Those that remove degradation.</param>
internal sealed class Architectures(params IReadOnlyList<Architecture> stage1)
{
    /// <summary>Every network of this library.</summary>
    public static Architectures Known { get; } =
        new(
            SwinIr.Architecture,
            RrdbNet.Architecture,
            ScuNet.Architecture,
            RealEsrgan.Architecture,
            SrvggNetCompact.Architecture,
            DruNet.Architecture
        );

    /// <summary>Networks of stage 1; the configuration of each is a <see cref="Stage1Config"/>.</summary>
    public IReadOnlyList<Architecture> Stage1 => stage1;

    /// <summary>Networks of both stages, and those that find faces and their parts.</summary>
    public IReadOnlyList<Architecture> All { get; } =
    [
        .. stage1,
        UNet.Architecture,
        ControlNet.Architecture,
        AutoencoderKl.Architecture,
        TextEncoder.Architecture,
        RetinaFace.Architecture,
        ParseNet.Architecture,
    ];
}
