namespace DiffBir.Tests.Support;

/// <summary>Small files of expected values that lie in the repository, so that every clone can run their tests.</summary>
internal static class Golden
{
    /// <summary>The path of a file in <c>tests/DiffBir.Tests/Golden</c>, copied beside the tests by the build.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);
}
