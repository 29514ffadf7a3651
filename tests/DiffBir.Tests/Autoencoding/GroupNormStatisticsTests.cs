using DiffBir.Autoencoding;
using DiffBir.Graphs;
using DiffBir.Randomness;

namespace DiffBir.Tests.Autoencoding;

public sealed class GroupNormStatisticsTests
{
    [Fact]
    public void Moments_do_not_depend_on_where_the_values_lie_in_memory()
    {
        var x = new TorchRandom(1).Normal(1, 4, 37, 41);
        var part = new Region(new(1, 36), new(2, 41));

        var moments = Enumerable
            .Range(0, 50)
            .Select(_ => GroupNormStatistics.Of(new Tensor([.. x.Data], x.Shape), part, groups: 2))
            .ToList();

        moments.ShouldAllBe(moment => moment.Means.SequenceEqual(moments[0].Means));
        moments.ShouldAllBe(moment => moment.Variances.SequenceEqual(moments[0].Variances));
    }

    [Fact]
    public void The_moments_of_parts_join_to_those_of_the_whole()
    {
        var x = new TorchRandom(1).Normal(1, 4, 10, 12);
        Region[] parts = [new(new(0, 10), new(0, 5)), new(new(0, 4), new(5, 12)), new(new(4, 10), new(5, 12))];

        var joined = GroupNormStatistics.Join([.. parts.Select(part => GroupNormStatistics.Of(x, part, groups: 2))]);

        var whole = GroupNormStatistics.Of(x, new(new(0, 10), new(0, 12)), groups: 2);
        joined.Means.ShouldBe(whole.Means, 1e-12);
        joined.Variances.ShouldBe(whole.Variances, 1e-12);
    }
}
