namespace DiffBir.Training.Tests.Native;

/// <summary>A fact about the native library for Linux, which other systems' builds do not mend.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Only Linux has this library.";
}
