using System.Diagnostics;

namespace DiffBir.Bench;

/// <summary>Benchmarks in processes of their own, so that none has another's memory.</summary>
internal static class Child
{
    /// <summary>Runs one, which prints a row of a table.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static bool Run(IEnumerable<string> arguments)
    {
        using var process = Process.Start(Environment.ProcessPath!, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
