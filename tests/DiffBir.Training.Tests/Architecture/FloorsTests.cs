using DiffBir.Tests.Architecture;

namespace DiffBir.Training.Tests.Architecture;

/// <summary>The folders of training stand on each other without circles.</summary>
public sealed class FloorsTests
{
    [Fact]
    public void Each_folder_of_training_uses_only_those_below_it() =>
        typeof(TrainCommand).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir.Training");
}
