using DiffBir.Imaging;
using DiffBir.Packs;
using DiffBir.Sampling;

namespace DiffBir.Restoration;

/// <summary>What a latent looks like, about, without the decoder.</summary>
internal static class LinearPreview
{
    /// <summary>Computes the colors of each latent pixel.</summary>
    /// <param name="colors">The pack's linear way.</param>
    /// <param name="latent">[1, C, h, w], scaled as the networks see it.</param>
    /// <param name="storage">Where the preview goes.</param>
    /// <returns>Three planes of h×w in [0, 1]; the caller's.</returns>
    public static PlanarImage Render(LatentColors colors, Latent latent, PlanarStorage storage)
    {
        latent.Validate("the latent", 1, colors.Weights.Count, -1, -1);
        return storage.Create(
            3,
            latent.Size(2),
            latent.Size(3),
            image =>
            {
                var (values, sum) = (new float[image.Width], new float[image.Width]);
                for (var line = 0; line < 3 * image.Height; line++)
                {
                    var (color, row) = Math.DivRem(line, image.Height);
                    Array.Fill(sum, (float)colors.Offset[color]);
                    for (var channel = 0; channel < colors.Weights.Count; channel++)
                    {
                        latent.Planes.Read(channel, row, 0, values);
                        var weight = (float)colors.Weights[channel][color];
                        for (var column = 0; column < sum.Length; column++)
                        {
                            sum[column] += weight * values[column];
                        }
                    }

                    for (var column = 0; column < sum.Length; column++)
                    {
                        sum[column] = Math.Clamp(sum[column], 0, 1);
                    }

                    image.Write(color, row, 0, sum);
                }
            }
        );
    }
}
