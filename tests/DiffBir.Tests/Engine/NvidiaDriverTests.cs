using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using DiffBir.Engine;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Engine;

/// <summary>What is read from NVIDIA's driver, whose two libraries are played by functions of this class.</summary>
public sealed unsafe class NvidiaDriverTests
{
    private const int NoDevice = 100; // CUDA_ERROR_NO_DEVICE
    private const int NotLoaded = 9; // NVML_ERROR_DRIVER_NOT_LOADED
    private const string Place = "0000:41:00.0";

    private static readonly Dictionary<string, nint> Driver = new()
    {
        ["cuDriverGetVersion"] = (nint)(delegate* unmanaged[Cdecl]<int*, int>)&GetVersion,
        ["cuInit"] = (nint)(delegate* unmanaged[Cdecl]<uint, int>)&Succeed,
        ["cuDeviceGetCount"] = (nint)(delegate* unmanaged[Cdecl]<int*, int>)&GetCount,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged[Cdecl]<int*, int, int>)&GetDevice,
        ["cuDeviceTotalMem_v2"] = (nint)(delegate* unmanaged[Cdecl]<nuint*, int, int>)&GetTotal,
        ["cuDeviceGetPCIBusId"] = (nint)(delegate* unmanaged[Cdecl]<byte*, int, int, int>)&GetPlace,
        ["cuDeviceGetName"] = (nint)(delegate* unmanaged[Cdecl]<byte*, int, int, int>)&GetName,
    };

    private static readonly Dictionary<string, nint> Management = new()
    {
        ["nvmlInit_v2"] = (nint)(delegate* unmanaged[Cdecl]<int>)&Begin,
        ["nvmlShutdown"] = (nint)(delegate* unmanaged[Cdecl]<int>)&Begin,
        ["nvmlSystemGetDriverVersion"] = (nint)(delegate* unmanaged[Cdecl]<byte*, uint, int>)&GetDriverVersion,
        ["nvmlDeviceGetHandleByPciBusId_v2"] = (nint)(delegate* unmanaged[Cdecl]<byte*, nint*, int>)&GetHandle,
        ["nvmlDeviceGetMemoryInfo"] = (nint)(delegate* unmanaged[Cdecl]<nint, ulong*, int>)&GetMemory,
    };

    [Fact]
    public void A_driver_tells_its_versions_and_the_memory_of_the_GPU_that_CUDA_takes_first() =>
        Read(Driver, Management)
            .ShouldBe(new NvidiaDriver(new Version(13, 2), "580.65.06", new NvidiaGpu("NVIDIA RTX 9000", 24L << 30, 5L << 30)));

    [Fact]
    public void Without_a_driver_there_is_nothing_to_tell() => NvidiaDriver.Read(_ => null).ShouldBeNull();

    [Fact]
    public void A_driver_that_shows_no_GPU_is_a_driver_without_one()
    {
        var blind = With(Driver, "cuInit", (nint)(delegate* unmanaged[Cdecl]<uint, int>)&Refuse);

        Read(blind, Management).ShouldBe(new NvidiaDriver(new Version(13, 2), "580.65.06", Gpu: null));
    }

    [Fact]
    public void Without_the_management_library_free_memory_and_the_version_are_not_known() =>
        Read(Driver, management: null)
            .ShouldBe(
                new NvidiaDriver(new Version(13, 2), Version: null, new NvidiaGpu("NVIDIA RTX 9000", 24L << 30, FreeBytes: null))
            );

    [Fact]
    public void A_management_library_that_does_not_start_is_as_good_as_none()
    {
        var broken = With(Management, "nvmlInit_v2", (nint)(delegate* unmanaged[Cdecl]<int>)&FailToBegin);

        Read(Driver, broken).ShouldNotBeNull().Gpu.ShouldNotBeNull().FreeBytes.ShouldBeNull();
    }

    [Fact]
    public void Functions_that_a_driver_does_not_have_are_not_called()
    {
        foreach (var function in Driver.Keys)
        {
            Read(With(Driver, function, 0), Management);
        }

        foreach (var function in Management.Keys)
        {
            Read(Driver, With(Management, function, 0)).ShouldNotBeNull().Gpu.ShouldNotBeNull();
        }
    }

    [LinuxFact("The names of libraries are Linux's.")]
    public void A_library_is_found_by_its_name_and_so_are_its_functions()
    {
        NativeLibraries.CanLoad("libc.so.6").ShouldBeTrue();
        NativeLibraries.CanLoad("libnothing.so.9").ShouldBeFalse();
        NativeLibraries.Functions("libnothing.so.9").ShouldBeNull();
        var functions = NativeLibraries.Functions("libc.so.6").ShouldNotBeNull();
        functions("getpid").ShouldNotBe(0);
        functions("get_nothing").ShouldBe(0);
    }

    private static NvidiaDriver? Read(Dictionary<string, nint> driver, Dictionary<string, nint>? management) =>
        NvidiaDriver.Read(library =>
            (library == NvidiaDriver.Library ? driver : management) is { } functions
                ? name => functions.GetValueOrDefault(name)
                : null
        );

    private static Dictionary<string, nint> With(Dictionary<string, nint> functions, string name, nint address) =>
        new(functions) { [name] = address };

    private static int Write(string text, byte* place)
    {
        Encoding.UTF8.GetBytes(text + '\0').CopyTo(new Span<byte>(place, text.Length + 1));
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetVersion(int* version)
    {
        *version = 13020;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Succeed(uint flags) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Refuse(uint flags) => NoDevice;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetCount(int* count)
    {
        *count = 2;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetDevice(int* device, int number)
    {
        *device = 7 + number;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetTotal(nuint* total, int device)
    {
        *total = unchecked((nuint)(24ul << 30));
        return device == 7 ? 0 : NoDevice;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetPlace(byte* place, int length, int device) => device == 7 ? Write(Place, place) : NoDevice;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetName(byte* name, int length, int device) => Write("NVIDIA RTX 9000", name);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Begin() => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FailToBegin() => NotLoaded;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetDriverVersion(byte* version, uint length) => Write("580.65.06", version);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetHandle(byte* place, nint* device)
    {
        *device = 41;
        return Marshal.PtrToStringUTF8((nint)place) == Place ? 0 : NotLoaded;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetMemory(nint device, ulong* memory)
    {
        (memory[0], memory[1], memory[2]) = (24ul << 30, 5ul << 30, 19ul << 30);
        return device == 41 ? 0 : NotLoaded;
    }
}
