using System.Diagnostics;

namespace DiffBir.Tests.Support;

/// <summary>A file system in memory that a test can fill to its last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("diffbir-test-disk-");

    /// <param name="bytes">How large it is.</param>
    public SmallDisk(long bytes) => Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", Path);

    /// <summary>The folder where it is.</summary>
    public string Path => _folder.FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Writes until nothing more has room.</summary>
    public void Fill()
    {
        var block = new byte[4096];
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // It is full, which is what was wanted.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _folder.Delete();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, program);
    }
}

/// <summary>A fact about a disk of its own; skipped for who may not make one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    internal static readonly string? NotPermitted =
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? null : "Only root on Linux may mount a disk.";

    public SmallDiskFactAttribute() => Skip = NotPermitted;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskTheoryAttribute : TheoryAttribute
{
    public SmallDiskTheoryAttribute() => Skip = SmallDiskFactAttribute.NotPermitted;
}
