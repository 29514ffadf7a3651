using System.Text.Json;
using DiffBir.Networks;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Commands;

public sealed class InspectCommandTests : IDisposable
{
    private static readonly RrdbNetConfig Small = new()
    {
        Channels = 4,
        Blocks = 1,
        Growth = 2,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_usable_checkpoint_is_described()
    {
        var path = Write(_ => { });

        var run = await CommandLine.Run("inspect", path);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldStartWith($"{path}: safetensors, 42 tensors");
        run.Output.ShouldContain("RRDBNet (BSRNet: stage 1, super-resolution): its own size");
        run.Output.ShouldContain("as Float16; complete");
        run.Output.ShouldContain("Channels 4, Blocks 1, Growth 2, Scale 4");
    }

    [Fact]
    public async Task What_a_checkpoint_lacks_is_listed_and_the_exit_code_says_so()
    {
        var path = Write(shapes =>
        {
            shapes.Remove("HRconv.bias");
            shapes["conv_last.weight"] = [3, 4, 1, 1];
            shapes["evil\u001b[31m"] = [1];
        });

        var run = await CommandLine.Run("inspect", path);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("not usable");
        run.Output.ShouldContain("missing: 1 (HRconv.bias)");
        run.Output.ShouldContain("of another shape: 1 (conv_last.weight is [3, 4, 1, 1] instead of [3, 4, 3, 3])");
        run.Output.ShouldContain("left over, unknown: 1 (evil?[31m)");
    }

    [Theory]
    [InlineData("evil\u001b[31m.")]
    [InlineData("bell\a.")]
    [InlineData("turned\u202e.")]
    [InlineData("line\n  fake: complete.")]
    public async Task A_network_s_prefix_does_not_steer_the_terminal(string prefix)
    {
        var path = _folder.File("x.safetensors");
        var shapes = WeightFiles.Shapes(RrdbNet.Build(Small, 1, 8, 8));
        WeightFiles.Write(path, shapes.ToDictionary(pair => prefix + pair.Key, pair => pair.Value));

        var run = await CommandLine.Run("inspect", path);
        var json = await CommandLine.Run("inspect", path, "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain($" below {prefix[..4]}");
        run.Output.Split(Environment.NewLine).Length.ShouldBe(4);
        run.Output.ReplaceLineEndings("").ShouldNotContain(c => char.IsControl(c) || c == '\u202e');
        json.Output.Trim().ShouldNotContain(c => char.IsControl(c) || c == '\u202e');
        JsonDocument.Parse(json.Output).RootElement.GetProperty("networks")[0].GetProperty("prefix").GetString().ShouldBe(prefix);
    }

    [Fact]
    public async Task A_program_gets_one_line_of_JSON()
    {
        var run = await CommandLine.Run("inspect", Write(_ => { }), "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.Trim().ShouldNotContain("\n");
        var report = JsonDocument.Parse(run.Output).RootElement;
        report.GetProperty("usable").GetBoolean().ShouldBeTrue();
        var network = report.GetProperty("networks")[0];
        network.GetProperty("kind").GetString().ShouldBe("RrdbNet");
        network.GetProperty("sizes").GetProperty("growth").GetInt32().ShouldBe(2);
        network.GetProperty("missing").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_file_that_is_no_checkpoint_gets_one_sentence()
    {
        var path = _folder.Write("x.ckpt", "<html>"u8);

        var run = await CommandLine.Run("inspect", path);
        var json = await CommandLine.Run("inspect", path, "--json");

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldContain("it is a web page instead of a checkpoint");
        json.ExitCode.ShouldBe(1);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("error").GetString()!.ShouldContain("web page");
    }

    [Fact]
    public async Task A_file_of_an_unknown_network_is_not_usable()
    {
        var path = _folder.File("x.safetensors");
        WeightFiles.Write(path, new Dictionary<string, long[]> { ["fc.weight"] = [2, 2] });

        var run = await CommandLine.Run("inspect", path);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("none of the networks that DiffBir knows");
    }

    private string Write(Action<Dictionary<string, long[]>> change)
    {
        var path = _folder.File("x.safetensors");
        var shapes = WeightFiles.Shapes(RrdbNet.Build(Small, 1, 8, 8));
        change(shapes);
        WeightFiles.Write(path, shapes);
        return path;
    }
}
