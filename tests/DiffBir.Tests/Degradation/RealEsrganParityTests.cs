using System.Text.Json;
using DiffBir.Degradation;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Degradation;

public sealed class RealEsrganParityTests
{
    // One 8-bit level where the last rounding falls on the other side; more only if a DCT coefficient does.
    private const double OneLevel = (1.0 / 255) + 1e-6;
    private const double FloatTolerance = 3e-6;

    [ParityTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_whole_second_order_pipeline_equals_the_original(int number)
    {
        var fixture = Parity.Fixture("degradation");
        var settings = fixture.Json("realesrgan").GetProperty("cases")[number];
        var family = Family(settings);
        var clean = fixture.Tensor($"realesrgan/{number}/hq");
        for (var sample = 0; sample < clean.Size(0); sample++)
        {
            var blurs = new Blurs(
                Kernel(fixture, $"realesrgan/{number}/kernel1", sample),
                Kernel(fixture, $"realesrgan/{number}/kernel2", sample),
                Kernel(fixture, $"realesrgan/{number}/sinc_kernel", sample)
            );
            var random = Replay(fixture, $"realesrgan/{number}", settings.GetProperty("draws"), sample);

            var pair = family.Draw(clean.Size(2), clean.Size(3), blurs, random).Apply(clean.Sample(sample), random);

            random.IsEmpty.ShouldBeTrue();
            var lq = fixture.Tensor($"realesrgan/{number}/lq").Sample(sample);
            pair.Lq.ShouldBeCloseTo(Interleaved(lq), OneLevel, "lq");
            var gt = Interleaved(fixture.Tensor($"realesrgan/{number}/gt").Sample(sample));
            var expected = Array.ConvertAll(gt.Data, valuePm1 => (valuePm1 + 1) / 2);
            pair.Clean.ShouldBeCloseTo(new Tensor(expected, gt.Shape), FloatTolerance, "clean");
        }
    }

    private static RealEsrganDegradation Family(JsonElement settings)
    {
        var scale = settings.GetProperty("stage2_scale");
        var (low, high) =
            scale.ValueKind == JsonValueKind.Array
                ? (scale[0].GetDouble(), scale[1].GetDouble())
                : (scale.GetDouble(), scale.GetDouble());
        return new RealEsrganDegradation
        {
            SharpenClean = settings.GetProperty("use_sharpener").GetBoolean(),
            Downsample = new(low, high),
            First = new() { GaussianProbability = 1, ResizeFactor = new(0.3, 1.5) },
            Second = new RealEsrganDegradation().Second with { GaussianProbability = 1, ResizeFactor = new(0.5, 1.2) },
        };
    }

    /// <summary>The recorded draws as one image of the batch sees them.</summary>
    private static ScriptedRandom Replay(Fixture fixture, string name, JsonElement draws, int sample)
    {
        var choices = new Queue<double>();
        var noise = new List<Tensor>();
        Interval[] sigmas = [new(1, 30), new(1, 25)];
        var rands = 0;
        var gray = false;
        foreach (var draw in draws.EnumerateArray())
        {
            var kind = draw.GetProperty("kind").GetString()!;
            var value = draw.TryGetProperty("value", out var given) ? given : default;
            var tensor = draw.TryGetProperty("tensor", out var label) ? fixture.Tensor($"{name}/{label.GetString()}") : null;
            switch (kind)
            {
                case "np.uniform":
                    choices.Enqueue(value.GetDouble());
                    break;
                case "uniform_":
                    choices.Enqueue(tensor!.Data[sample]);
                    break;
                case "choices":
                    choices.Enqueue(Array.IndexOf(["up", "down", "keep"], value[0].GetString()!));
                    break;
                case "choice":
                    choices.Enqueue(Array.IndexOf(["area", "bilinear", "bicubic"], value.GetString()!));
                    break;
                case "rand" when rands++ % 2 == 0: // strength, then whether it is gray
                    var sigma = sigmas[rands / 2];
                    choices.Enqueue(sigma.Low + (tensor!.Data[sample] * (sigma.High - sigma.Low)));
                    break;
                case "rand":
                    gray = tensor!.Data[sample] < 0.4;
                    choices.Enqueue(tensor.Data[sample]);
                    break;
                case "randn" when tensor!.Rank == 2 && gray:
                    noise.Add(tensor);
                    break;
                case "randn" when tensor!.Rank == 4 && !gray:
                    noise.Add(tensor.Sample(sample));
                    break;
            }
        }

        return new ScriptedRandom([.. noise]) { Choices = choices };
    }

    private static GivenKernel Kernel(Fixture fixture, string name, int sample) =>
        new(21, fixture.Doubles(name).AsSpan(sample * 441, 441).ToArray());

    private static Tensor Interleaved(Tensor sample) => sample.Reshape(sample.Shape[1..]).FromInterleaved();
}
