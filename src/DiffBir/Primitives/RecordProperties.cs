using System.Reflection;

namespace DiffBir.Primitives;

/// <summary>Properties of immutable records, read and changed by reflection.</summary>
internal static class RecordProperties
{
    private static readonly MethodInfo Clone = typeof(object).GetMethod(
        nameof(MemberwiseClone),
        BindingFlags.Instance | BindingFlags.NonPublic
    )!;

    /// <summary>Properties that can be set, in the order of the source.</summary>
    public static IEnumerable<PropertyInfo> Of(Type record) =>
        record
            .GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.SetMethod is not null)
            .OrderBy(property => property.MetadataToken);

    /// <summary>Value at the end of a path.</summary>
    public static object? Get(object record, IEnumerable<PropertyInfo> path) =>
        path.Aggregate((object?)record, (value, property) => property.GetValue(value));

    /// <summary>Copy of a record in which the value at the end of a path is another.</summary>
    public static T With<T>(T record, IReadOnlyList<PropertyInfo> path, object value)
        where T : notnull => (T)Changed(record, path, 0, value);

    private static object Changed(object record, IReadOnlyList<PropertyInfo> path, int depth, object value)
    {
        var property = path[depth];
        var inner = depth == path.Count - 1 ? value : Changed(property.GetValue(record)!, path, depth + 1, value);
        var copy = Clone.Invoke(record, null)!;
        property.SetValue(copy, inner);
        return copy;
    }
}
