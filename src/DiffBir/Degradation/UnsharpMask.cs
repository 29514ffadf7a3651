using DiffBir.Randomness;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DiffBir.Degradation;

/// <summary>Sharpens a clean image where it has contrast: the original's training target, so that restored pictures are crisp.</summary>
/// <param name="Weight">How much of the difference to the blurred image is added.</param>
/// <param name="Threshold">Differences up to this, in 8-bit levels, are left alone as noise.</param>
internal sealed record UnsharpMask(float Weight = 0.5f, float Threshold = 10) : DegradationStep
{
    private const int Size = 51; // the original's radius 50, made odd
    private const double Sigma = 8; // OpenCV's choice for size 51: 0.3 * ((51 - 1) / 2 - 1) + 0.8

    private static readonly Filter Blur = new(new GaussianKernel(Size, new Spread(Sigma)));

    public override RentedImage Apply(RentedImage image01, IRandomSource random)
    {
        using var blurred = Blur.Apply(image01);
        using var mask = new RentedImage(image01.Height, image01.Width);
        Span<float> image = image01.All;
        Span<float> residual = blurred.All;
        TensorPrimitives.Subtract(image, residual, residual);
        for (var index = 0; index < residual.Length; index++)
        {
            mask.All[index] = MathF.Abs(residual[index]) * 255 > Threshold ? 1 : 0;
        }

        var result = Blur.Apply(mask);
        Span<float> soft = result.All;
        for (var index = 0; index < soft.Length; index++)
        {
            var sharp = Math.Clamp(image[index] + (Weight * residual[index]), 0, 1);
            soft[index] = (soft[index] * sharp) + ((1 - soft[index]) * image[index]);
        }

        return result;
    }

    public override string ToString() => "sharpen";
}
