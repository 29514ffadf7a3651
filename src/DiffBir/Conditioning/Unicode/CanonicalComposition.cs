using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace DiffBir.Conditioning.Unicode;

/// <summary>Unicode normalization form C: <c>e</c> + combining acute becomes <c>é</c> (Unicode Standard Annex 15).</summary>
/// <remarks>
/// <see cref="string.Normalize()"/> silently returns its input where globalization is invariant, which it is in this
/// project's programs; a prompt must give the same tokens everywhere (docs/adr/0005-own-text-normalization.md).
/// </remarks>
internal static class CanonicalComposition
{
    /// <summary>Below the first combining mark every text is in form C.</summary>
    private const char FirstAffected = '\u0300';

    // Hangul syllables are composed by arithmetic (Unicode Standard, section 3.12).
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7; // one before the first trailing consonant
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28; // with "none"
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    private static readonly Lazy<Tables> Data = new(ReadTables);

    /// <summary>The text in form C; lone surrogates become U+FFFD.</summary>
    public static string Apply(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstAffected, char.MaxValue))
        {
            return text;
        }

        var tables = Data.Value;
        var points = new List<Point>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, tables, points);
        }

        SortMarks(points);
        return Compose(points, tables);
    }

    private static void Decompose(int code, Tables tables, List<Point> points)
    {
        var syllable = code - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            points.Add(new Point(LeadBase + (syllable / (VowelCount * TrailCount)), 0));
            points.Add(new Point(VowelBase + (syllable / TrailCount % VowelCount), 0));
            if (syllable % TrailCount != 0)
            {
                points.Add(new Point(TrailBase + (syllable % TrailCount), 0));
            }
        }
        else if (tables.Decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, tables, points);
            if (parts.Second is { } second)
            {
                Decompose(second, tables, points);
            }
        }
        else
        {
            points.Add(new Point(code, tables.Classes.GetValueOrDefault(code)));
        }
    }

    /// <summary>Sorts each run of combining marks by class; marks of one class keep their order.</summary>
    private static void SortMarks(List<Point> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && points[end].Class != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var sorted = points[start..end].OrderBy(point => point.Class).ToArray(); // stable
                for (var index = start; index < end; index++)
                {
                    points[index] = sorted[index - start];
                }
            }

            start = end;
        }
    }

    /// <summary>Joins each starter with the marks behind it that nothing of an equal or higher class separates from it.</summary>
    private static string Compose(List<Point> points, Tables tables)
    {
        var result = new List<int>(points.Count);
        var starter = -1; // index into result
        var lastClass = 0;
        foreach (var (code, combiningClass) in points)
        {
            var isAdjacent = starter == result.Count - 1;
            var isReachable = starter >= 0 && (isAdjacent || lastClass < combiningClass);
            if (isReachable && Join(result[starter], code, tables) is { } joined)
            {
                result[starter] = joined;
                continue;
            }

            result.Add(code);
            lastClass = combiningClass;
            if (combiningClass == 0)
            {
                starter = result.Count - 1;
            }
        }

        var text = new StringBuilder(result.Count);
        foreach (var code in result)
        {
            text.Append(new Rune(code));
        }

        return text.ToString();
    }

    private static int? Join(int first, int second, Tables tables)
    {
        var (lead, vowel) = (first - LeadBase, second - VowelBase);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            return SyllableBase + (((lead * VowelCount) + vowel) * TrailCount);
        }

        var (syllable, trail) = (first - SyllableBase, second - TrailBase);
        if (syllable is >= 0 and < SyllableCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
        {
            return first + trail;
        }

        return tables.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static Tables ReadTables()
    {
        using var stream =
            typeof(CanonicalComposition).Assembly.GetManifestResourceStream("CanonicalForms.txt")
            ?? throw new InvalidOperationException("The resource CanonicalForms.txt is missing.");
        using var reader = new StreamReader(stream);
        var classes = new Dictionary<int, byte>();
        var decompositions = new Dictionary<int, (int, int?)>();
        var compositions = new Dictionary<(int, int), int>();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            switch (fields)
            {
                case ["#", ..]:
                    break;
                case ["@", var first, var last, var combiningClass]:
                    for (var code = Hex(first); code <= Hex(last); code++)
                    {
                        classes[code] = byte.Parse(combiningClass, CultureInfo.InvariantCulture);
                    }

                    break;
                case [var code, var only]:
                    decompositions[Hex(code)] = (Hex(only), null);
                    break;
                case [var code, var first, var second, .. var excluded]:
                    decompositions[Hex(code)] = (Hex(first), Hex(second));
                    if (excluded.Length == 0)
                    {
                        compositions[(Hex(first), Hex(second))] = Hex(code);
                    }

                    break;
            }
        }

        return new Tables(classes.ToFrozenDictionary(), decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary());
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>A code point and its combining class; 0 is a starter.</summary>
    private readonly record struct Point(int Code, byte Class);

    private sealed record Tables(
        FrozenDictionary<int, byte> Classes,
        FrozenDictionary<int, (int First, int? Second)> Decompositions,
        FrozenDictionary<(int First, int Second), int> Compositions
    );
}
