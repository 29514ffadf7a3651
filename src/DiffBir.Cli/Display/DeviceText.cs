using DiffBir.Engine;
using DiffBir.Options;

namespace DiffBir.Cli.Display;

/// <summary>What devices are said to be.</summary>
internal static class DeviceText
{
    /// <summary>A device on one line.</summary>
    public static string Of(DeviceReport device)
    {
        var name = OptionFormats.WordOf(device.Device);
        string?[] known = [device.Name, device.Version, MemoryOf(device)];
        var facts = string.Join(", ", known.Where(fact => fact is not null));
        return device.Missing is { } missing ? $"{name, -10}no   {missing}.{(facts == "" ? "" : $" There is {facts}.")}"
            : facts == "" ? $"{name, -10}yes"
            : $"{name, -10}yes  {facts}";
    }

    /// <summary>Says once what the fastest device lacks where another one computes; nothing where nothing is lacking.</summary>
    /// <exception cref="EngineException">The device that was asked for does not work.</exception>
    public static void WriteNotice(EngineOptions engine, TextWriter error)
    {
        Devices.Validate(engine);
        if (Devices.Choose(engine.Device, engine.Probe).Notice is { } notice)
        {
            error.WriteLine(notice);
        }
    }

    private static string? MemoryOf(DeviceReport device) =>
        (device.FreeBytes, device.TotalBytes) switch
        {
            ({ } free, { } total) => $"{MemorySize.Text(free)} of {MemorySize.Text(total)} free",
            (null, { } total) => $"{MemorySize.Text(total)}, unknown how much of it free",
            _ => null,
        };
}
