using System.Runtime.InteropServices;

namespace DiffBir.Files;

/// <summary>What Linux says of the file that a path leads to.</summary>
/// <param name="Device">The file system it lies on.</param>
/// <param name="Inode">Its number there; hard links share it.</param>
/// <param name="IsRegular">Whether it is a file with content, and no folder, pipe, socket or device.</param>
internal readonly partial record struct LinuxStatus((uint Major, uint Minor) Device, ulong Inode, bool IsRegular)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeAndInode = 0x1 | 0x100; // STATX_TYPE | STATX_INO
    private const int KindMask = 0xF000; // S_IFMT
    private const int KindRegular = 0x8000; // S_IFREG

    /// <summary>Follows links and asks; null where the path leads to nothing, and on other systems.</summary>
    public static LinuxStatus? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return Statx(CurrentFolder, path, 0, TypeAndInode, out var answer) == 0 ? From(answer) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // C libraries older than glibc 2.28 and musl 1.2.3
        }
    }

    private static LinuxStatus From(in Answer answer) =>
        new((answer.DeviceMajor, answer.DeviceMinor), answer.Inode, (answer.Mode & KindMask) == KindRegular);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, out Answer answer);

    /// <summary>The kernel's <c>struct statx</c>, the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Answer
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
