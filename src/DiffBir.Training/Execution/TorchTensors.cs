using DiffBir.Graphs;
using DiffBir.Training.Configuration;
using static TorchSharp.torch;

namespace DiffBir.Training.Execution;

/// <summary>Copies tensors between this library and libtorch.</summary>
internal static class TorchTensors
{
    /// <summary>A copy in libtorch.</summary>
    public static TorchTensor ToTorch(this Tensor value, Device device, ScalarType type = ScalarType.Float32)
    {
        var shape = Array.ConvertAll(value.Shape.ToArray(), size => (long)size);
        using var host = tensor(value.Data, shape, ScalarType.Float32);
        return host.to(type, device, copy: true);
    }

    /// <summary>The shape as graphs have it.</summary>
    public static Shape ToShape(this TorchTensor value) => Shape.Create(Array.ConvertAll(value.shape, size => (int)size));

    /// <summary>The type of libtorch.</summary>
    public static ScalarType ToScalarType(this ProductPrecision precision) =>
        precision == ProductPrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>A copy on the host, cut to [0, 1].</summary>
    public static Tensor ToImage(this TorchTensor image01)
    {
        using var scope = NewDisposeScope();
        return image01.detach().Clamp(0, 1).ToHost();
    }

    /// <summary>A copy on the host.</summary>
    public static Tensor ToHost(this TorchTensor value)
    {
        using var scope = NewDisposeScope(); // holds what the garbage collector must not free while libtorch reads it
        var host = value.detach().to(ScalarType.Float32, CPU).contiguous();
        var shape = Array.ConvertAll(host.shape, size => (int)size);
        return new Tensor(host.data<float>().ToArray(), shape);
    }
}
