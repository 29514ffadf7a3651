using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>How the original draws sinc filters and the sizes of blurs.</summary>
internal static class SincFilters
{
    private const int Sizes = 8; // 7, 9, ... 21
    private const int MinSize = 7;
    private const int LargeFrom = 13; // larger filters may cut off more

    public static int DrawSize(IRandomSource random) => MinSize + (2 * random.Integer(Sizes));

    public static SincKernel DrawBlur(int size, IRandomSource random) =>
        new(size, random.Uniform(size < LargeFrom ? Math.PI / 3 : Math.PI / 5, Math.PI));

    public static SincKernel DrawFinal(IRandomSource random) => new(DrawSize(random), random.Uniform(Math.PI / 3, Math.PI));
}
