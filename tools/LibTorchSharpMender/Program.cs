using DiffBir.Tools;

// Usage: LibTorchSharpMender INPUT OUTPUT. The message has the form that builds recognize as an error.
var (input, output) = (args[0], args[1]);
try
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
    File.WriteAllBytes(output, LibTorchSharpMender.Mend(File.ReadAllBytes(input)));
    return 0;
}
catch (Exception exception) when (exception is MendingException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(
        $"LibTorchSharpMender : error MEND1 : {input} cannot be mended: {exception.Message}. "
            + "Use the TorchSharp version of Directory.Packages.props, or a system whose libstdc++ is GCC 13's or newer and remove the import in Directory.Build.targets."
    );
    return 1;
}
