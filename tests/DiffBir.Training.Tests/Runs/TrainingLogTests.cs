using DiffBir.Training.Runs;

namespace DiffBir.Training.Tests.Runs;

public sealed class TrainingLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void On_a_terminal_the_last_line_changes_with_progress_and_makes_room_for_others()
    {
        var seen = Write(isLive: true);

        seen.ShouldBe(
            $"begin{Environment.NewLine}\rstep 1\u001b[K\rstep 2\u001b[K\r\u001b[Ksaved{Environment.NewLine}end{Environment.NewLine}"
        );
    }

    [Fact]
    public void In_a_file_there_are_whole_lines_alone() =>
        Write(isLive: false)
            .ShouldBe(string.Concat(new[] { "begin", "saved", "end" }.Select(line => line + Environment.NewLine)));

    private string Write(bool isLive)
    {
        using var lines = new StringWriter();
        using var log = new TrainingLog(
            RunDirectory.Open(_folder.Path, resume: false),
            lines,
            TimeProvider.System,
            isLive ? lines : null
        );
        log.Say("begin");
        log.Progress("step 1");
        log.Progress("step 2");
        log.Say("saved");
        log.Say("end");
        return lines.ToString();
    }
}
