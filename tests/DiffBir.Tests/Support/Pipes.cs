using System.Diagnostics;

namespace DiffBir.Tests.Support;

/// <summary>Named pipes: reading one waits until somebody writes, which nobody does here.</summary>
internal static class Pipes
{
    /// <summary>Makes a pipe and gives its path.</summary>
    public static string Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
        return path;
    }
}
