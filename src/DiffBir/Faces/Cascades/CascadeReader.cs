using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using DiffBir.Checkpoints;
using DiffBir.Files;

namespace DiffBir.Faces.Cascades;

/// <summary>Reads cascades as OpenCV keeps them: XML of the type <c>opencv-cascade-classifier</c> with features <c>HAAR</c>.</summary>
internal static class CascadeReader
{
    private const string Type = "opencv-cascade-classifier";

    /// <summary>The largest of OpenCV's own has 2.7 MB.</summary>
    private const int MaxBytes = 8_000_000;
    private const int MaxDepth = 12;
    private const int MaxSide = 128;
    private const int MaxRectangles = 3;
    private const int NodeNumbers = 4;
    private const int RectangleNumbers = 5;

    /// <summary>What OpenCV takes off each stage's threshold, against rounding.</summary>
    private const float ThresholdSlack = 1e-5f;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        MaxCharactersInDocument = MaxBytes,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">It cannot be read or holds something else.</exception>
    public static Cascade Read(string path)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            return Read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or XmlException or FormatException)
        {
            var reason = error.Message.TrimEnd('.');
            throw new CheckpointException(
                Printable.Line(
                    $"The cascade {path} cannot be used: {reason}; it must be one of OpenCV's for faces or eyes, such as haarcascade_frontalface_alt2.xml of the package opencv-data. Get that, or the networks that find faces: diffbir models pull faces."
                ),
                error
            );
        }
    }

    private static Cascade Read(FileStream file)
    {
        if (file.Length > MaxBytes)
        {
            throw new FormatException($"it has {file.Length} bytes, and {MaxBytes} are allowed");
        }

        using (var reader = XmlReader.Create(file, Settings))
        {
            ValidateDepth(reader);
        }

        file.Position = 0;
        using var again = XmlReader.Create(file, Settings);
        return CascadeOf(XDocument.Load(again).Root!);
    }

    // Elements are read recursively.
    private static void ValidateDepth(XmlReader reader)
    {
        while (reader.Read())
        {
            if (reader.Depth > MaxDepth)
            {
                throw new FormatException($"its elements are nested in more than {MaxDepth} others");
            }
        }
    }

    private static Cascade CascadeOf(XElement root)
    {
        var cascade = root.Elements().FirstOrDefault(element => (string?)element.Attribute("type_id") == Type);
        if (cascade is null || Text(cascade, "featureType") != "HAAR")
        {
            throw new FormatException($"it holds no {Type} with features of the type HAAR");
        }

        var (width, height) = (Side(cascade, "width"), Side(cascade, "height"));
        HaarFeature[] features = [.. Items(cascade, "features").Select(feature => Feature(feature, width, height))];
        CascadeStage[] stages = [.. Items(cascade, "stages").Select(stage => Stage(stage, features.Length))];
        var count = Number<int>(Text(cascade, "stageNum"));
        return count == stages.Length
            ? new Cascade(width, height, stages, features)
            : throw new FormatException($"it says it has {count} stages, and has {stages.Length}");
    }

    private static int Side(XElement cascade, string name)
    {
        var side = Number<int>(Text(cascade, name));
        return side is >= 3 and <= MaxSide
            ? side
            : throw new FormatException($"its {name} is {side} pixels, and 3 to {MaxSide} are allowed");
    }

    private static CascadeStage Stage(XElement stage, int features) =>
        new(
            Number<float>(Text(stage, "stageThreshold")) - ThresholdSlack,
            [.. Items(stage, "weakClassifiers").Select(tree => Tree(tree, features))]
        );

    private static DecisionTree Tree(XElement tree, int features)
    {
        var numbers = Numbers(tree, "internalNodes");
        DecisionNode[] nodes =
        [
            .. numbers
                .Chunk(NodeNumbers)
                .Where(node => node.Length == NodeNumbers)
                .Select(node => new DecisionNode(
                    Number<int>(node[0]),
                    Number<int>(node[1]),
                    Number<int>(node[2]),
                    Number<float>(node[3])
                )),
        ];
        float[] leaves = [.. Numbers(tree, "leafValues").Select(Number<float>)];
        if (nodes.Length == 0 || numbers.Length % NodeNumbers != 0 || leaves.Length != nodes.Length + 1)
        {
            throw new FormatException(
                $"one of its trees has {numbers.Length} numbers for nodes ({NodeNumbers} for each) and {leaves.Length} leaves (one more than nodes)"
            );
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            Validate(nodes[i], i, nodes.Length, features);
        }

        return new DecisionTree(nodes, leaves);
    }

    private static void Validate(DecisionNode node, int index, int nodes, int features)
    {
        if (node.Feature < 0 || node.Feature >= features)
        {
            throw new FormatException($"one of its nodes needs the feature {node.Feature}, and there are {features}");
        }

        foreach (var child in (ReadOnlySpan<int>)[node.Left, node.Right])
        {
            // Children stand behind their parents, so that every way ends.
            if (child > 0 ? child <= index || child >= nodes : -(long)child > nodes)
            {
                throw new FormatException(
                    $"node {index} of one of its trees leads to {child}, which is no later node and no leaf"
                );
            }
        }
    }

    private static HaarFeature Feature(XElement feature, int width, int height)
    {
        HaarRectangle[] rectangles = [.. Items(feature, "rects").Select(Rectangle)];
        var isTilted = feature.Element("tilted") is { } tilted && Number<int>(tilted.Value) != 0;
        return rectangles.Length <= MaxRectangles && Array.TrueForAll(rectangles, IsInside)
            ? new HaarFeature(rectangles, isTilted)
            : throw new FormatException(
                $"one of its features has {rectangles.Length} rectangles (at most {MaxRectangles}), or one outside the window of {width}x{height}"
            );

        bool IsInside(HaarRectangle rectangle)
        {
            var (x, y, w, h) = ((long)rectangle.X, (long)rectangle.Y, (long)rectangle.Width, (long)rectangle.Height);
            return x >= 0
                && y >= 0
                && w > 0
                && h > 0
                && x + w <= width
                && (isTilted ? x - h >= 0 && y + w + h <= height : y + h <= height);
        }
    }

    private static HaarRectangle Rectangle(XElement rectangle)
    {
        var numbers = Split(rectangle.Value);
        return numbers.Length == RectangleNumbers
            ? new HaarRectangle(
                Number<int>(numbers[0]),
                Number<int>(numbers[1]),
                Number<int>(numbers[2]),
                Number<int>(numbers[3]),
                Number<float>(numbers[4])
            )
            : throw new FormatException($"one of its rectangles has {numbers.Length} numbers, and must have {RectangleNumbers}");
    }

    private static IEnumerable<XElement> Items(XElement parent, string name) =>
        Child(parent, name).Elements("_") is var items && items.Any()
            ? items
            : throw new FormatException($"an element \"{name}\" of it is empty");

    private static XElement Child(XElement parent, string name) =>
        parent.Element(name) ?? throw new FormatException($"an element \"{name}\" is missing in it");

    private static string Text(XElement parent, string name) => Child(parent, name).Value.Trim();

    private static string[] Numbers(XElement parent, string name) => Split(Child(parent, name).Value);

    private static string[] Split(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static T Number<T>(string text)
        where T : struct, System.Numerics.INumber<T> =>
        // OpenCV ends whole weights with a point: "-1.".
        T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && T.IsFinite(number)
            ? number
            : throw new FormatException(
                $"\"{(text.Length <= 40 ? text : text[..40])}\" in it is not a number that is possible there"
            );
}
