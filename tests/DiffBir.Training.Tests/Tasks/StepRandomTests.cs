using DiffBir.Training.Tasks;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Tasks;

public sealed class StepRandomTests
{
    private const int Limit = 1000;

    /// <summary>Four deviations of a mean of 4000 numbers spread over 1000.</summary>
    private const double MeanTolerance = 20;

    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 333)]
    [InlineData(0.5, 667)]
    public void Timesteps_gather_where_the_power_asks_for(double power, double mean)
    {
        var timesteps = new StepRandom(1, 0, CPU).Timesteps(4000, Limit, power);

        timesteps.ShouldAllBe(timestep => timestep >= 0 && timestep < Limit);
        timesteps.Average().ShouldBe(mean, MeanTolerance);
    }

    [Fact]
    public void A_step_draws_the_same_timesteps_whenever_it_is_done()
    {
        var first = new StepRandom(1, 7, CPU).Timesteps(8, Limit, 2);

        new StepRandom(1, 7, CPU).Timesteps(8, Limit, 2).ShouldBe(first);
        new StepRandom(1, 8, CPU).Timesteps(8, Limit, 2).ShouldNotBe(first);
    }
}
