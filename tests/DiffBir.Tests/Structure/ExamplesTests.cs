using DiffBir.Cli;
using DiffBir.Tests.Cli;
using DiffBir.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DiffBir.Tests.Structure;

/// <summary>Examples in the documents are programs and command lines that work.</summary>
public sealed class ExamplesTests
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    public static TheoryData<string> Programs =>
        [.. Documents.All.SelectMany(document => Documents.Blocks(Documents.Text(document), "csharp"))];

    public static TheoryData<string> CommandLines =>
        [
            .. Documents
                .All.SelectMany(document =>
                    Documents.CommandLines(
                        Documents.Text(document),
                        "diffbir ",
                        "dotnet run --project src/DiffBir.Cli -c Release -- "
                    )
                )
                .Select(arguments => string.Join('\n', arguments))
                .Distinct(),
        ];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_in_a_document_compiles_against_the_public_surface(string program) => Errors(program).ShouldBeEmpty();

    [Fact]
    public void A_program_that_names_what_is_not_there_does_not_compile() =>
        Errors("DiffBir.Restorer.Nothing();").ShouldHaveSingleItem().ShouldContain("CS0117");

    [Fact]
    public void A_program_that_names_what_is_internal_does_not_compile() =>
        Errors("_ = typeof(DiffBir.Restoration.Pipeline);").ShouldHaveSingleItem().ShouldContain("CS0122");

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void A_command_line_in_a_document_is_understood(string arguments) =>
        DiffBirCommand
            .Create(helpWidth: 100)
            .Whole()
            .Parse(arguments.Split('\n'))
            .Errors.Select(error => error.Message)
            .ShouldBeEmpty();

    private static IEnumerable<string> Errors(string program)
    {
        var trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var compilation = CSharpCompilation.Create(
            "Example", // none of the library's friends
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(program)],
            trusted.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication)
        );
        return compilation
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => diagnostic.ToString());
    }
}
