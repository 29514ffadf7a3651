using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Randomness;

public sealed class TorchRandomTests
{
    // The fixture's order after one seeding: rand(10), randn(20), three randint(0, 2**63 - 1), randn(7).
    public static TheoryData<long> Seeds => [0, 231, 2147483653];

    [ParityTheory]
    [MemberData(nameof(Seeds))]
    public void Normal_numbers_equal_torchs_to_the_last_bit(long seed)
    {
        var fixture = Parity.Fixture("rng");
        foreach (var count in new[] { 1, 5, 15, 16, 17, 40, 100 })
        {
            var expected = fixture.Tensor($"seed{seed}/randn_{count}");

            new TorchRandom(seed).Normal(count).Data.ShouldBe(expected.Data, $"randn({count})");
        }
    }

    [ParityTheory]
    [MemberData(nameof(Seeds))]
    public void The_noise_of_a_whole_latent_equals_torchs_to_the_last_bit(long seed)
    {
        var expected = Parity.Fixture("rng").Tensor($"seed{seed}/randn_1x4x64x64");

        var actual = new TorchRandom(seed).Normal(1, 4, 64, 64);

        actual.ShouldBeCloseTo(expected, 0);
    }

    [ParityTheory]
    [MemberData(nameof(Seeds))]
    public void Draws_of_several_kinds_follow_one_another_as_in_torch(long seed)
    {
        var fixture = Parity.Fixture("rng");
        var random = new TorchRandom(seed);

        random.Uniform(10).Data.ShouldBe(fixture.Tensor($"seed{seed}/rand_10").Data);
        random.Normal(20).Data.ShouldBe(fixture.Tensor($"seed{seed}/then_randn_20").Data);
        Enumerable
            .Range(0, 3)
            .Select(_ => (double)random.NextInt64(0, long.MaxValue))
            .ShouldBe(fixture.Doubles($"seed{seed}/then_randint"));
        random.Normal(7).Data.ShouldBe(fixture.Tensor($"seed{seed}/then_randn_7").Data);
    }

    [Fact]
    public void The_first_numbers_after_seed_0_are_torchs()
    {
        new TorchRandom(0).Normal(3).Data.ShouldBe([1.5409960746765137f, -0.293428897857666f, -2.1787893772125244f]);
        new TorchRandom(0).Normal(16).Data[..3].ShouldBe([-1.1258398294448853f, -1.152360200881958f, -0.2505785822868347f]);
    }

    [Fact]
    public void Fewer_than_16_numbers_share_their_pairs_over_calls()
    {
        var split = new TorchRandom(7);

        float[] inPieces = [.. split.Normal(3).Data, .. split.Normal(1).Data, .. split.Normal(2).Data];

        inPieces.ShouldBe(new TorchRandom(7).Normal(6).Data);
    }

    [Fact]
    public void Integers_of_a_small_range_stay_in_it()
    {
        var random = new TorchRandom(3);

        var drawn = Enumerable.Range(0, 200).Select(_ => random.NextInt64(-2, 3)).Distinct().Order();

        drawn.ShouldBe([-2L, -1, 0, 1, 2]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(TorchRandom.MaxPart - 1)]
    [InlineData(TorchRandom.MaxPart)]
    [InlineData(TorchRandom.MaxPart + 1)]
    [InlineData(TorchRandom.MaxPart + 15)]
    [InlineData(3 * TorchRandom.MaxPart)]
    public void A_draw_in_parts_is_the_draw_at_once(int count)
    {
        var (inParts, atOnce) = (new float[count], new float[count]);
        var (first, second) = (new TorchRandom(7), new TorchRandom(7));
        var next = 0L;

        first.Draw(
            count,
            (start, values) =>
            {
                start.ShouldBe(next);
                next += values.Length;
                values.CopyTo(inParts.AsSpan((int)start));
            }
        );
        second.FillNormal(atOnce);

        next.ShouldBe(count);
        inParts.ShouldBe(atOnce);
        first.NextInt64(0, 1000).ShouldBe(second.NextInt64(0, 1000));
    }
}
