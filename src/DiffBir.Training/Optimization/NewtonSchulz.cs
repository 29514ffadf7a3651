using DiffBir.Training.Execution;
using static TorchSharp.torch;

namespace DiffBir.Training.Optimization;

/// <summary>The orthogonal matrix nearest to one: its singular values become about 1.</summary>
/// <remarks>
/// By five steps of a polynomial iteration (Jordan and others, Muon, 2024), which leaves them between 0.7 and 1.2, in bfloat16 too.
/// </remarks>
internal static class NewtonSchulz
{
    private const int Iterations = 5;
    private const double Linear = 3.4445;
    private const double Cubic = -4.7750;
    private const double Quintic = 2.0315;

    /// <summary>Makes a matrix orthogonal.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <param name="product">The type in which products are computed; the result is in the matrix's own.</param>
    public static TorchTensor Of(TorchTensor matrix, ScalarType product = ScalarType.Float32)
    {
        var isTall = matrix.shape[0] > matrix.shape[1];
        var x = isTall ? matrix.t() : matrix;
        x = (x / x.Squared().sum().sqrt().Plus(1e-12)).to(product);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var square = x.matmul(x.t());
            var polynomial = square.Times(Cubic).Plus(square.matmul(square), Quintic);
            x = x.Times(Linear).Plus(polynomial.matmul(x));
        }

        return (isTall ? x.t() : x).to(matrix.dtype);
    }
}
