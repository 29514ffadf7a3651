using System.Diagnostics;

namespace DiffBir.Bench;

/// <summary>Benchmarks in processes of their own, so that none has another's memory.</summary>
internal static class Child
{
    /// <summary>Runs one, which prints a row of a table.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static bool Run(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        // The program itself, or `dotnet DiffBir.Bench.dll`.
        var isHosted = Path.GetFileNameWithoutExtension(program) == "dotnet";
        using var process = Process.Start(program, isHosted ? [typeof(Child).Assembly.Location, .. arguments] : arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
