using System.Collections.Concurrent;
using DiffBir.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DiffBir.Tests.Structure;

/// <summary>The files of the repository that people write.</summary>
internal static class Sources
{
    private static readonly ConcurrentDictionary<string, SyntaxNode> Trees = [];

    private static readonly string[] Built = ["bin", "obj", ".playwright", "TestResults"];

    private static readonly string[] Kinds =
    [
        ".cs",
        ".csproj",
        ".props",
        ".targets",
        ".json",
        ".js",
        ".css",
        ".html",
        ".sh",
        ".proto",
        ".txt",
        ".runsettings",
    ];

    /// <summary>The files of text in a folder of the working copy and below it, without what a build makes.</summary>
    public static IEnumerable<string> Below(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(WorkingCopy.Folder, folder), "*", SearchOption.AllDirectories)
            .Where(file => Kinds.Contains(Path.GetExtension(file)) && !Relative(file).Split('/').Any(Built.Contains));

    /// <summary>Those in C#.</summary>
    public static IEnumerable<string> CSharpBelow(string folder) => Below(folder).Where(file => Path.GetExtension(file) == ".cs");

    /// <summary>A file in C#, parsed once for all tests.</summary>
    public static SyntaxNode Tree(string file) =>
        Trees.GetOrAdd(file, static file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot());

    /// <summary>A file's path in the working copy, with slashes.</summary>
    public static string Relative(string file) =>
        Path.GetRelativePath(WorkingCopy.Folder, file).Replace(Path.DirectorySeparatorChar, '/');
}
