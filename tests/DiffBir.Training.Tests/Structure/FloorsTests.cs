using DiffBir.Tests.Structure;

namespace DiffBir.Training.Tests.Structure;

/// <summary>The folders of training stand on each other without circles.</summary>
public sealed class FloorsTests
{
    [Fact]
    public void Each_folder_of_training_uses_only_those_below_it() =>
        typeof(TrainCommand).Assembly.ShouldUseOnlyWhatStandsBelow("DiffBir.Training");
}
