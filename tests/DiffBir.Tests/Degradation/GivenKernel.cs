using DiffBir.Degradation;

namespace DiffBir.Tests.Degradation;

/// <summary>A blur whose weights were recorded.</summary>
internal sealed record GivenKernel(int Size, double[] Values) : BlurKernel(Size)
{
    public override double Weight(int x, int y) => Values[((y + (Size / 2)) * Size) + x + (Size / 2)];
}
