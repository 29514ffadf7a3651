using System.CommandLine;
using System.Text.Json;
using DiffBir.Cli.Commands;
using DiffBir.Cli.Display;
using DiffBir.Engine;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class DevicesCommandTests
{
    [Fact]
    public async Task On_a_machine_with_CUDA_its_versions_and_its_memory_are_listed()
    {
        var lines = await Run(Machines.WithCuda);

        lines[0].ShouldStartWith("cpu       yes  ");
        lines[0].ShouldContain("ONNX Runtime 1.");
        lines[0].ShouldContain(" free");
        lines[1].ShouldBe("cuda      yes  NVIDIA RTX 9000, CUDA 13.0 (driver 580.65.06), 12.88 GB of 25.77 GB free");
        lines[2].ShouldStartWith("directml  no   ONNX Runtime's DmlExecutionProvider is not installed (on Windows, add");
        lines[^1].ShouldBe("Without --device it is cuda.");
    }

    [Fact]
    public async Task What_is_missing_is_said_in_one_sentence_beside_what_is_there()
    {
        var (library, product) = CudaRequirements.Libraries[^1];

        var lines = await Run(Machines.Of(Machines.Driver, absent: library));

        lines[1]
            .ShouldStartWith(
                $"cuda      no   {library} cannot be loaded (install {product}). There is NVIDIA RTX 9000, CUDA 13.0"
            );
        lines[^1].ShouldBe("Without --device it is cpu.");
    }

    [Fact]
    public async Task Memory_that_nobody_tells_is_unknown()
    {
        var gpu = new NvidiaGpu("NVIDIA RTX 9000", Machines.GpuBytes, FreeBytes: null);

        var lines = await Run(Machines.Of(Machines.Driver with { Gpu = gpu }));

        lines[1].ShouldEndWith("25.77 GB, unknown how much of it free");
    }

    [Fact]
    public async Task Programs_get_a_line_of_JSON_for_each_device()
    {
        var lines = await Run(Machines.WithCuda, "--json");

        lines.Length.ShouldBe(5);
        var cuda = JsonDocument.Parse(lines[1]).RootElement;
        cuda.GetProperty("device").GetString().ShouldBe("cuda");
        cuda.GetProperty("works").GetBoolean().ShouldBeTrue();
        cuda.GetProperty("isAutomatic").GetBoolean().ShouldBeTrue();
        cuda.GetProperty("freeBytes").GetInt64().ShouldBe(Machines.GpuBytes / 2);
        cuda.TryGetProperty("missing", out _).ShouldBeFalse();
        var openVino = JsonDocument.Parse(lines[^1]).RootElement;
        openVino.GetProperty("works").GetBoolean().ShouldBeFalse();
        openVino.GetProperty("missing").GetString()!.ShouldContain("Intel.ML.OnnxRuntime.OpenVino");
    }

    [Fact]
    public async Task This_machine_is_listed_whatever_it_has()
    {
        var run = await CommandLine.Run("devices");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldContain("cpu       yes  ");
        run.Output.ShouldContain("cuda      ");
    }

    [Fact]
    public void What_the_GPU_lacks_is_told_before_the_processor_takes_over_and_nothing_else()
    {
        Notice(new EngineOptions { Probe = Machines.Of(driver: null) })
            .ShouldBe(
                $"The processor computes, as the GPU cannot: {NvidiaDriver.Library} cannot be loaded (install NVIDIA's driver)."
            );
        Notice(new EngineOptions { Probe = Machines.WithCuda }).ShouldBeEmpty();
        Notice(new EngineOptions { Device = Device.Cpu, Probe = Machines.Of(driver: null) }).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_device_that_does_not_work_is_refused_before_the_first_photo()
    {
        using var bench = new RestoreBench();
        var input = bench.Picture("a.png", side: 32);

        var run = await CommandLine.Run("restore", input, "-o", bench.Result("out.png"), "--device", "openvino");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldStartWith("The device openvino does not work here: ONNX Runtime's OpenVINOExecutionProvider");
        run.Error.ShouldContain("--device cpu");
    }

    private static string Notice(EngineOptions engine)
    {
        using var error = new StringWriter();
        DeviceText.WriteNotice(engine, error);
        return error.ToString().TrimEnd();
    }

    private static async Task<string[]> Run(DeviceProbe machine, params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await DevicesCommand.Create(machine).Parse(arguments).InvokeAsync(new() { Output = output });
        exitCode.ShouldBe(0);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
