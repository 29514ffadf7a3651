namespace DiffBir.Tests.Support;

/// <summary>Where a run of equal things begins or ends: what lies between behaves as its ends do.</summary>
internal static class Turns
{
    /// <summary>The places of the first and the last of each run.</summary>
    public static IReadOnlyList<int> Of<T>(IReadOnlyList<T> things) =>
        [.. Enumerable.Range(0, things.Count).Where(at => Differs(things, at, at - 1) || Differs(things, at, at + 1))];

    private static bool Differs<T>(IReadOnlyList<T> things, int at, int other) =>
        other < 0 || other == things.Count || !EqualityComparer<T>.Default.Equals(things[at], things[other]);
}
