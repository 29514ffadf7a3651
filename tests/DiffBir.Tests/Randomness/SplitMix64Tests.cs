using DiffBir.Randomness;

namespace DiffBir.Tests.Randomness;

public sealed class SplitMix64Tests
{
    private const int Draws = 200_000;
    private const double FiveSigma = 5; // a fixed seed, so this cannot fail by chance twice

    [Fact]
    public void The_numbers_of_a_key_never_change()
    {
        // From an implementation in another language; changing them would change every test set made with a seed.
        var random = SplitMix64.For(231, "photos/köln.png", 3);
        var normal = new float[3];

        random.Uniform(0, 1).ShouldBe(Expected.Uniform, 1e-15);
        random.Integer(1000).ShouldBe(Expected.Integer);
        random.Normal(normal);
        normal.ShouldBe(Expected.Normal, 1e-6f);
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_variance_1()
    {
        var values = new float[Draws + 37]; // not a whole number of vectors
        new SplitMix64(1).Normal(values);

        values.Average(value => (double)value).ShouldBe(0, FiveSigma / Math.Sqrt(Draws));
        values.Average(value => (double)value * value).ShouldBe(1, FiveSigma * Math.Sqrt(2.0 / Draws));
        values.Max().ShouldBeInRange(3.5f, 6);
        values.Zip(values.Skip(1), (a, b) => (double)a * b).Average().ShouldBe(0, FiveSigma / Math.Sqrt(Draws));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.3f)]
    [InlineData(9.9f)]
    [InlineData(10f)]
    [InlineData(37.5f)]
    [InlineData(256f)]
    public void Poisson_counts_have_the_rate_as_mean_and_variance(float rate)
    {
        var rates = new float[Draws];
        rates.AsSpan().Fill(rate);
        var counts = new float[Draws];
        new SplitMix64(2).Poisson(rates, counts);

        counts.ShouldAllBe(count => count >= 0 && count == MathF.Round(count));
        var mean = counts.Average(count => (double)count);
        mean.ShouldBe(rate, (FiveSigma * Math.Sqrt(rate / Draws)) + 1e-12);
        var variance = counts.Average(count => (count - mean) * (count - mean));
        // The fourth central moment is 3 r^2 + r.
        variance.ShouldBe(rate, (FiveSigma * Math.Sqrt(((2 * rate * rate) + rate) / Draws)) + 1e-12);
    }

    [Fact]
    public void Alternatives_are_as_frequent_as_their_weights_and_never_the_impossible_ones()
    {
        var random = new SplitMix64(3);
        var counts = new int[4];
        for (var draw = 0; draw < Draws; draw++)
        {
            counts[random.Choose([0.2, 0, 0.7, 0.1])]++;
        }

        counts[1].ShouldBe(0);
        ((double)counts[0] / Draws).ShouldBe(0.2, 0.005);
        ((double)counts[2] / Draws).ShouldBe(0.7, 0.005);
    }

    [Fact]
    public void Whole_numbers_cover_their_range_evenly()
    {
        var random = new SplitMix64(4);
        var counts = new int[7];
        for (var draw = 0; draw < Draws; draw++)
        {
            counts[random.Integer(7)]++;
        }

        counts.ShouldAllBe(count => Math.Abs(count - (Draws / 7.0)) < FiveSigma * Math.Sqrt(Draws / 7.0));
    }

    private static class Expected
    {
        public const double Uniform = 0.5260252870543043;
        public const int Integer = 116;
        public static readonly float[] Normal = [-0.7117026100263574f, -0.013947050221585974f, 1.5251570147054812f];
    }
}
