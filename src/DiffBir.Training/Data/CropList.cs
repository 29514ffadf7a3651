using System.Globalization;

namespace DiffBir.Training.Data;

/// <summary>A crop of a photo of a collection.</summary>
/// <param name="Name">The crop's file, such as <c>train/00117ec4c9_0.jpg</c>; its folder says what it is for.</param>
/// <param name="Collection">The folder of the originals it is of.</param>
/// <param name="Original">The original's file in the collection.</param>
/// <param name="Offset">Where in the file the photo begins, in bytes: some files hold many photos.</param>
/// <param name="Shrink">How many times smaller the photo is made before it is cut: soft photos become sharp.</param>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal sealed record PhotoCrop(
    string Name,
    string Collection,
    string Original,
    long Offset,
    int Shrink,
    int Left,
    int Top,
    int Width,
    int Height
);

/// <summary>Reads a list of crops: a table with a heading, its columns separated by tabs.</summary>
internal static class CropList
{
    private const int Columns = 9;
    private const int BlobDigits = 40;

    /// <summary>Reads a list.</summary>
    /// <exception cref="DiffBirException">The file is missing, or a line cannot be understood.</exception>
    public static IReadOnlyList<PhotoCrop> Read(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Skip(1).Select((line, index) => Parse(line, path, index + 2))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiffBirException($"The list of crops '{path}' cannot be opened: {exception.Message}", exception);
        }
    }

    private static PhotoCrop Parse(string line, string path, int number)
    {
        var cells = line.Split('\t');
        // What is inside the original is told as an offset; of a repository of photos it is the version, whose file is called so.
        var isBlob = cells.Length == Columns && cells[3].Length == BlobDigits;
        var offset = isBlob || cells.ElementAtOrDefault(3) is "" ? "0" : cells.ElementAtOrDefault(3);
        var numbers = cells.Skip(4).Prepend(offset).Select(Number).ToArray();
        if (cells.Length != Columns || numbers.Any(value => value is null) || numbers[1] < 1)
        {
            throw new DiffBirException(
                $"Line {number} of '{path}' is no crop. {Columns} columns are expected: crop, collection, original, inside, shrink, x, y, width, height."
            );
        }

        return new PhotoCrop(
            cells[0],
            cells[1],
            isBlob ? cells[3] : cells[2],
            numbers[0]!.Value,
            (int)numbers[1]!.Value,
            (int)numbers[2]!.Value,
            (int)numbers[3]!.Value,
            (int)numbers[4]!.Value,
            (int)numbers[5]!.Value
        );
    }

    private static long? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
