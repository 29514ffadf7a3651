using System.Text;

namespace DiffBir.Checkpoints;

/// <summary>Tells checkpoint formats apart by their first bytes, and names what is often mistaken for one.</summary>
internal static class FormatDetector
{
    private const int TarMark = 257;
    private const int StartBytes = TarMark + 8;
    private const byte PickleProtocol = 0x80;

    public static CheckpointFormat Detect(FileWindow file)
    {
        Span<byte> buffer = stackalloc byte[StartBytes];
        var start = buffer[..(int)Math.Min(StartBytes, file.Length)];
        file.Read(0, start);
        if (SafetensorsReader.Matches(start))
        {
            return CheckpointFormat.Safetensors;
        }

        if (start.StartsWith("PK"u8))
        {
            return CheckpointFormat.TorchZip;
        }

        return start[0] == PickleProtocol ? CheckpointFormat.TorchLegacy : throw new MalformedException(Explain(start));
    }

    private static string Explain(ReadOnlySpan<byte> start)
    {
        if (start.Length > TarMark && start[TarMark..].StartsWith("ustar"u8))
        {
            return "it is a tar archive, as PyTorch wrote before 0.2; load it in PyTorch and save it again";
        }

        var text = Encoding.ASCII.GetString(start).TrimStart();
        if (text.StartsWith('<'))
        {
            return "it is a web page instead of a checkpoint; download it again from the page's own download link";
        }

        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
        {
            return "it is a Git LFS pointer instead of the file; fetch it with 'git lfs pull'";
        }

        return "it is neither a PyTorch checkpoint (.pt, .pth, .ckpt) nor a safetensors file; give one of those";
    }
}
