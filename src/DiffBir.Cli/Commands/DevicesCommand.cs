using System.CommandLine;
using DiffBir.Cli.Display;
using DiffBir.Engine;
using DiffBir.Options;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir devices</c>: says what networks can run on here, and what is missing for the rest.</summary>
internal sealed class DevicesCommand
{
    private readonly DeviceProbe _probe;

    private readonly Option<bool> _json = new("--json") { Description = "One line of JSON for each device, for programs." };

    private DevicesCommand(DeviceProbe probe) => _probe = probe;

    /// <summary>The command with its options.</summary>
    /// <param name="probe">The machine that it looks at.</param>
    public static Command Create(DeviceProbe probe)
    {
        var options = new DevicesCommand(probe);
        var command = new Command(
            "devices",
            "Lists what --device can be: what works here, with versions and free memory, and what is missing for the rest."
        )
        {
            options._json,
        };
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, (p, _) => options.Run(p), cancellation));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var output = parsed.InvocationConfiguration.Output;
        var automatic = Devices.Choose(Device.Auto, _probe).Device;
        foreach (var device in DeviceReport.All(_probe))
        {
            if (parsed.GetValue(_json))
            {
                JsonLines.Write(output, Describe(device, device.Device == automatic));
            }
            else
            {
                output.WriteLine(Printable.Line(DeviceText.Of(device)));
            }
        }

        if (!parsed.GetValue(_json))
        {
            output.WriteLine($"Without --device it is {OptionFormats.WordOf(automatic)}.");
        }

        return ExitCode.Success;
    }

    private static object Describe(DeviceReport device, bool isAutomatic) =>
        new
        {
            Device = OptionFormats.WordOf(device.Device),
            device.Works,
            IsAutomatic = isAutomatic,
            device.Name,
            device.Version,
            device.FreeBytes,
            device.TotalBytes,
            device.Missing,
        };
}
