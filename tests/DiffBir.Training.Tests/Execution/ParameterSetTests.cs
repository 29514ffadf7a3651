using DiffBir.Training.Execution;
using DiffBir.Training.Tests.Support;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Execution;

public sealed class ParameterSetTests
{
    /// <summary>A tensor that no scope holds may be freed by the garbage collector while libtorch still reads it.</summary>
    [Fact]
    public void Copies_leave_nothing_to_the_garbage_collector()
    {
        using var weights = RandomValues.Weights(OperationGraphs.Build("linear"));
        var statistics = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics;
        statistics.Reset();

        using var copy = weights.Copy();
        using var other = weights.To(ScalarType.Float64);
        var values = copy.Tensors.Values.Select(TorchTensors.ToHost).Concat(copy.Tensors.Values.Select(TorchTensors.ToImage));

        values.Count().ShouldBe(2 * weights.Tensors.Count);
        statistics.CreatedOutsideScopeCount.ShouldBe(0);
    }
}
