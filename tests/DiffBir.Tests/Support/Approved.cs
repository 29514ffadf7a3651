namespace DiffBir.Tests.Support;

/// <summary>Texts that people have read and approved: files beside the tests' sources.</summary>
internal static class Approved
{
    /// <summary>Compares a text with its approved file; where they differ, the text is left beside it as <c>.received.txt</c>.</summary>
    /// <param name="actual">The text.</param>
    /// <param name="name">The file without its ending, relative to the folder of the test project.</param>
    public static void ShouldBeApproved(this string actual, string name)
    {
        var project = typeof(Approved).Assembly.GetName().Name!;
        var path = Path.Combine(WorkingCopy.Folder, "tests", project, name);
        var (approved, received) = ($"{path}.approved.txt", $"{path}.received.txt");
        var text = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == text)
        {
            File.Delete(received);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(received, text);
        var wanted = File.Exists(approved) ? File.ReadAllText(approved) : "";
        text.ShouldBe(wanted, $"If the new text is as it should be: mv {received} {approved}");
    }
}
