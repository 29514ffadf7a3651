using DiffBir.Imaging;

namespace DiffBir.Cli.Files;

/// <summary>One photo that comes in or goes out through a pipe: <c>-</c> in the place of a file's name.</summary>
internal static class StandardStreams
{
    /// <summary>What stands for a stream.</summary>
    public const string Name = "-";

    /// <summary>Whether a file's name stands for a stream.</summary>
    public static bool Is(string name) => name == Name;

    /// <summary>The inputs, if the one photo of the standard input is among them; else null.</summary>
    /// <exception cref="UsageException">Others are as well.</exception>
    public static IReadOnlyList<InputFile>? Inputs(IReadOnlyList<string> given) =>
        !given.Any(Is) ? null
        : given.Count == 1 ? [new StandardInput()]
        : throw new UsageException("- is one photo from the standard input and stands alone. Leave the other inputs out.");

    /// <summary>The one item whose result goes to the standard output.</summary>
    /// <param name="inputs">What is read.</param>
    /// <param name="samples">The results of each.</param>
    /// <param name="existing">What to do with outputs that are there.</param>
    /// <exception cref="UsageException">There are several results, or nothing that takes them.</exception>
    public static IReadOnlyList<BatchItem> Output(IReadOnlyList<InputFile> inputs, int samples, Existing existing)
    {
        if (inputs.Count != 1 || samples != 1)
        {
            throw new UsageException(
                $"The standard output takes one picture, but {inputs.Count * samples} would be made. Name a folder (-o)."
            );
        }

        if (existing == Existing.Skip)
        {
            throw new UsageException(
                "Nothing is there already on the standard output: -o - and --skip-existing contradict each other. Give one of them."
            );
        }

        return !Console.IsOutputRedirected
            ? throw new UsageException(
                "A picture is not written to a terminal. Name a file (-o), or lead the output into a pipe."
            )
            : [new BatchItem(inputs[0], [], OutputNames.Stem(inputs[0].Name))];
    }

    /// <summary>Writes a picture to the standard output.</summary>
    /// <exception cref="ImageException">The format cannot hold it, or nobody reads any more.</exception>
    public static void Write(Photo photo, ImageEncoding encoding, CancellationToken cancellation)
    {
        using var output = Console.OpenStandardOutput();
        ImageFile.Write(photo, output, encoding, cancellation);
    }

    /// <summary>The photo on the standard input, which is read once and kept.</summary>
    private sealed record StandardInput() : InputFile("the standard input", "standard-input")
    {
        private const long MaxBytes = 1L << 30;

        private readonly Lazy<MemoryStream> _content = new(ReadAll);

        public override ImageInfo Inspect(int? page) => ImageFile.Inspect(FromStart(), Path, page);

        public override Photo Read(ImageReadOptions? options, CancellationToken cancellation) =>
            ImageFile.Read(FromStart(), Path, options, cancellation);

        private MemoryStream FromStart()
        {
            _content.Value.Position = 0;
            return _content.Value;
        }

        private static MemoryStream ReadAll()
        {
            using var input = Console.OpenStandardInput();
            var content = new MemoryStream();
            var part = new byte[81_920];
            int count;
            while ((count = input.Read(part)) > 0)
            {
                if (content.Length + count > MaxBytes)
                {
                    throw new ImageException(
                        $"The standard input is larger than {MaxBytes >> 20:N0} MiB, the most that is taken from it. Name the file instead."
                    );
                }

                content.Write(part, 0, count);
            }

            return content;
        }
    }
}
