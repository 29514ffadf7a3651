using DiffBir.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training.Tests.Optimization;

public sealed class NewtonSchulzTests
{
    [Theory]
    [InlineData(8, 30, ScalarType.Float32)]
    [InlineData(30, 8, ScalarType.Float32)]
    [InlineData(16, 16, ScalarType.Float32)]
    [InlineData(8, 30, ScalarType.BFloat16)]
    [InlineData(30, 8, ScalarType.BFloat16)]
    public void Singular_values_become_about_one(int rows, int columns, ScalarType product)
    {
        using var scope = NewDisposeScope();
        var matrix = rand([rows, columns], generator: new Generator(5)) - 0.5;

        var made = NewtonSchulz.Of(matrix, product);

        made.shape.ShouldBe([rows, columns]);
        made.dtype.ShouldBe(ScalarType.Float32);
        linalg.svdvals(made).data<float>().ToArray().ShouldAllBe(value => value > 0.6 && value < 1.25);
        // The same directions: it is the matrix with its lengths taken out.
        var (u, _, vh) = linalg.svd(matrix, fullMatrices: false);
        (u.matmul(vh) * made).sum().item<float>().ShouldBeGreaterThan(0.6f * Math.Min(rows, columns));
    }

    [Fact]
    public void Nothing_stays_nothing() => NewtonSchulz.Of(zeros(4, 6)).abs().sum().item<float>().ShouldBe(0);
}
