namespace DiffBir.Networks;

/// <summary>The networks of DiffBIR that a checkpoint can hold.</summary>
public enum NetworkKind
{
    /// <summary>RRDBNet in BSRNet's naming: stage 1 for super-resolution.</summary>
    RrdbNet,

    /// <summary>SCUNet: stage 1 for denoising.</summary>
    ScuNet,

    /// <summary>SwinIR behind a pixel-unshuffle: stage 1 for faces, and for everything in v1 and v2.1.</summary>
    SwinIr,

    /// <summary>The diffusion UNet.</summary>
    UNet,

    /// <summary>IRControlNet.</summary>
    ControlNet,

    /// <summary>The variational autoencoder, encoder and decoder.</summary>
    Autoencoder,

    /// <summary>OpenCLIP's text encoder.</summary>
    TextEncoder,
}
