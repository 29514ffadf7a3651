using DiffBir.Tests.Support;

namespace DiffBir.Tests.Cli.Files;

/// <summary>Pipes and devices have no end: one that is named like a picture must not hold up the others.</summary>
public sealed class EndlessFilesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly BatchBench _bench = new();

    public static TheoryData<string, string[]> Commands =>
        new()
        {
            { "restore", ["-o", "{out}"] },
            { "degrade", ["-o", "{out}"] },
            { "eval", [] },
            { "eval-model", ["--stage1-only"] },
        };

    public void Dispose() => _bench.Dispose();

    [LinuxTheory("Pipes have names on Unix, and their kind is told on Linux.")]
    [MemberData(nameof(Commands))]
    public async Task They_are_named_and_the_others_are_done(string command, string[] options)
    {
        _bench.Picture("in/a.png");
        Pipes.Make(_bench.At("in/pipe.png"));
        _bench.FileLink("in/zero.png", "/dev/zero");
        var given = options.Select(option => option.Replace("{out}", _bench.Out));

        var run = await _bench.Run(command, [_bench.In, .. given]).WaitAsync(Patience);

        run.ExitCode.ShouldBe(1, run.Error);
        foreach (var name in (string[])["pipe.png", "zero.png"])
        {
            run.Error.ShouldContain($"{name} could not be read: It is a pipe, a socket or a device");
        }

        run.Error.ShouldContain("2 of 3 ");
        run.Output.ShouldNotBeEmpty();
    }

    [LinuxFact("Pipes have names on Unix, and their kind is told on Linux.")]
    public async Task A_model_of_pipes_is_refused()
    {
        Pipes.Make(_bench.At("other/model.json"));
        var photo = _bench.Picture("in/a.png");

        var run = await CommandLine.Run("restore", photo, "-o", _bench.Out, "--model", _bench.At("other")).WaitAsync(Patience);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("It is a pipe, a socket or a device");
    }
}
