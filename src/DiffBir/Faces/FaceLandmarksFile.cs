using System.Text.Json;
using DiffBir.Files;

namespace DiffBir.Faces;

/// <summary>
/// Reads faces that somebody marked: a JSON file with <c>{"landmarks": [[[x, y], …], …]}</c>, or the list alone. Each face has five
/// points in pixels of the upright photo: left eye, right eye, nose, left and right corner of the mouth, as seen in the picture.
/// </summary>
internal static class FaceLandmarksFile
{
    /// <summary>The option that names such a file.</summary>
    public const string Option = "face-landmarks";

    /// <summary>No photo is wider; points outside the photo are allowed, because faces may reach over its border.</summary>
    private const double MaxCoordinate = 1_000_000;
    private const int MaxBytes = 1_000_000;
    private const int MaxDepth = 8;
    private const string Form =
        """five points [x, y] for each face, as in {"landmarks": [[[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]]}""";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The faces in their order; none is allowed.</returns>
    /// <exception cref="OptionException">The file cannot be read or holds something else.</exception>
    public static IReadOnlyList<FaceLandmarks> Read(string path)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw Wrong(path, $"has {file.Length} bytes, and {MaxBytes} are allowed");
            }

            using var document = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Faces(path, document.RootElement);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Wrong(path, $"cannot be read ({error.Message.TrimEnd('.')})");
        }
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <returns>The faces in their order; none is allowed.</returns>
    /// <exception cref="OptionException">It holds something else.</exception>
    public static IReadOnlyList<FaceLandmarks> Parse(string text, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Faces(name, document.RootElement);
        }
        catch (JsonException error)
        {
            throw Wrong(name, $"cannot be read ({error.Message.TrimEnd('.')})");
        }
    }

    private static List<FaceLandmarks> Faces(string path, JsonElement root)
    {
        var list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("landmarks", out var named) ? named : root;
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(path, "has no list of faces");
        }

        if (list.GetArrayLength() > FaceLandmarks.MaxFaces)
        {
            throw Wrong(path, $"has {list.GetArrayLength()} faces, and {FaceLandmarks.MaxFaces} are allowed");
        }

        return [.. list.EnumerateArray().Select((face, index) => Face(path, face, index + 1))];
    }

    private static FaceLandmarks Face(string path, JsonElement face, int number)
    {
        if (face.ValueKind != JsonValueKind.Array || face.GetArrayLength() != FaceLandmarks.Count)
        {
            throw Wrong(path, $"has a face (number {number}) that is not {FaceLandmarks.Count} points");
        }

        return FaceLandmarks.Of([
            .. face.EnumerateArray()
                .Select(point =>
                    Point(point)
                    ?? throw Wrong(
                        path,
                        $"has a point in face {number} that is not two numbers from -{MaxCoordinate:f0} to {MaxCoordinate:f0}"
                    )
                ),
        ]);
    }

    private static FacePoint? Point(JsonElement point) =>
        point.ValueKind == JsonValueKind.Array
        && point.GetArrayLength() == 2
        && Coordinate(point[0]) is { } x
        && Coordinate(point[1]) is { } y
            ? new FacePoint(x, y)
            : null;

    private static double? Coordinate(JsonElement number) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out var value) && Math.Abs(value) <= MaxCoordinate
            ? value
            : null;

    private static OptionException Wrong(string path, string what) =>
        new(Printable.Line($"The landmarks of faces in {path}: the file {what}; it must have {Form} (--{Option})."), Option);
}
