using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>How often each shape of blur is used: weights, relative to their sum.</summary>
internal sealed record KernelMix
{
    /// <summary>Round Gaussians.</summary>
    public double Isotropic { get; init; } = 0.45;

    /// <summary>Stretched, rotated Gaussians.</summary>
    public double Anisotropic { get; init; } = 0.25;

    /// <summary>Round generalized Gaussians.</summary>
    public double GeneralizedIsotropic { get; init; } = 0.12;

    /// <summary>Stretched generalized Gaussians.</summary>
    public double GeneralizedAnisotropic { get; init; } = 0.03;

    /// <summary>Round plateaus.</summary>
    public double PlateauIsotropic { get; init; } = 0.12;

    /// <summary>Stretched plateaus.</summary>
    public double PlateauAnisotropic { get; init; } = 0.03;

    /// <summary>Draws a blur.</summary>
    /// <param name="size">Weights along each side.</param>
    /// <param name="shape">Ranges of width and shape.</param>
    /// <param name="random">Gives the choices.</param>
    internal BlurKernel Draw(int size, KernelShape shape, IRandomSource random) =>
        random.Choose(Weights) switch
        {
            0 => new GaussianKernel(size, shape.DrawRound(random)),
            1 => new GaussianKernel(size, shape.DrawStretched(random)),
            2 => new GeneralizedGaussianKernel(
                size,
                shape.DrawRound(random),
                KernelShape.DrawBeta(shape.GeneralizedBeta, random)
            ),
            3 => new GeneralizedGaussianKernel(
                size,
                shape.DrawStretched(random),
                KernelShape.DrawBeta(shape.GeneralizedBeta, random)
            ),
            4 => new PlateauKernel(size, shape.DrawRound(random), KernelShape.DrawBeta(shape.PlateauBeta, random)),
            _ => new PlateauKernel(size, shape.DrawStretched(random), KernelShape.DrawBeta(shape.PlateauBeta, random)),
        };

    internal void Validate()
    {
        if (Weights.Any(weight => !(weight >= 0)) || !(Weights.Sum() > 0))
        {
            throw new DiffBirException(
                $"The weights of the blur shapes are {string.Join(", ", Weights)}. None may be negative and their sum must be above 0."
            );
        }
    }

    private double[] Weights =>
        [Isotropic, Anisotropic, GeneralizedIsotropic, GeneralizedAnisotropic, PlateauIsotropic, PlateauAnisotropic];
}

/// <summary>Ranges of a blur's width and shape.</summary>
/// <param name="Sigma">Standard deviation in pixels, for each axis.</param>
/// <param name="GeneralizedBeta">Shape of generalized Gaussians; contains 1.</param>
/// <param name="PlateauBeta">Shape of plateaus; contains 1.</param>
internal readonly record struct KernelShape(Interval Sigma, Interval GeneralizedBeta, Interval PlateauBeta)
{
    public Spread DrawRound(IRandomSource random) => new(Sigma.Draw(random));

    public Spread DrawStretched(IRandomSource random) =>
        new(Sigma.Draw(random), Sigma.Draw(random), random.Uniform(-Math.PI, Math.PI));

    /// <summary>Below and above 1 are equally likely, however long the two parts of the range are.</summary>
    public static double DrawBeta(Interval range, IRandomSource random) =>
        random.Uniform(0, 1) < 0.5 ? new Interval(range.Low, 1).Draw(random) : new Interval(1, range.High).Draw(random);
}
