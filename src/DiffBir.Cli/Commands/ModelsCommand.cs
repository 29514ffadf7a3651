using System.CommandLine;
using System.CommandLine.Completions;
using DiffBir.Cli.Display;
using DiffBir.Cli.Usage;
using DiffBir.Packs;
using DiffBir.Packs.Files;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir models</c>: lists models, fetches their files, checks them, says where they are.</summary>
internal sealed class ModelsCommand
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly Argument<string> _name = new("NAME")
    {
        Description = $"{string.Join(", ", PackCatalog.NamesOfFiles)}, or a folder with a model.json.",
        CompletionSources = { _ => PackCatalog.NamesOfFiles.Select(name => new CompletionItem(name)) },
    };

    private readonly Argument<string?> _optionalName = new("NAME")
    {
        Description = "A model: then the paths of its files.",
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { _ => PackCatalog.NamesOfFiles.Select(name => new CompletionItem(name)) },
    };

    private readonly Option<string?> _folder = new("--dir")
    {
        Description =
            "The folder of the files. [default: the model's own folder; for built-in models $DIFFBIR_MODELS, else one for application data]",
        HelpName = "DIR",
    };

    private readonly Option<string?> _from = new("--from")
    {
        Description = "Take the files from this folder instead of the network.",
        HelpName = "FOLDER",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One line of JSON for each result, for programs." };

    private readonly TimeProvider _time;

    private ModelsCommand(TimeProvider time) => _time = time;

    /// <summary>The command with its subcommands.</summary>
    public static Command Create(TimeProvider time)
    {
        var models = new ModelsCommand(time);
        return new Command("models", "Lists models, fetches their files and checks them.")
        {
            models.Subcommand(
                "list",
                "The models that are known by name, and what of them is here.",
                [],
                (parsed, _) => Task.FromResult(models.List(parsed))
            ),
            models.Subcommand(
                "pull",
                "Fetches a model's files: goes on where it was interrupted, tries one source after the other, checks every byte.",
                [models._name, models._from],
                models.PullAsync
            ),
            models.Subcommand(
                "verify",
                "Reads a model's files and compares them with their SHA-256.",
                [models._name],
                models.VerifyAsync
            ),
            models.Subcommand(
                "path",
                "Where models are kept, or where a model's files are.",
                [models._optionalName],
                (parsed, _) => Task.FromResult(models.Locate(parsed))
            ),
        };
    }

    private Command Subcommand(
        string name,
        string description,
        Symbol[] symbols,
        Func<ParseResult, CancellationToken, Task<int>> act
    )
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.Add(_folder);
        command.Add(_json);
        command.SetAction(
            (parsed, cancellation) => CommandErrors.RunAsync(parsed, act, cancellation, "The same command goes on from there.")
        );
        return command;
    }

    private int List(ParseResult parsed)
    {
        var width = PackCatalog.NamesOfFiles.Max(name => name.Length);
        foreach (var name in PackCatalog.NamesOfFiles)
        {
            var pack = TryFind(name);
            if (pack is null)
            {
                continue;
            }

            var store = Store(parsed, pack);
            var files = pack.Files.Values.ToList();
            var found = new PackFiles(pack, store.Folder);
            var here = files.Count(file => found.Find(file) is not null);
            if (parsed.GetValue(_json))
            {
                JsonLines.Write(
                    parsed.InvocationConfiguration.Output,
                    new
                    {
                        pack.Name,
                        pack.Title,
                        pack.License,
                        Files = files.Count,
                        Here = here,
                        store.Folder,
                    }
                );
                continue;
            }

            var state = here == files.Count ? "ready" : $"{here} of {files.Count} files are here";
            parsed.InvocationConfiguration.Output.WriteLine(
                $"{pack.Name.PadRight(width)} {state, -24} {pack.Title} ({pack.License})"
            );
        }

        return ExitCode.Success;
    }

    private async Task<int> PullAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var pack = PackCatalog.FindFiles(parsed.GetRequiredValue(_name));
        var store = Store(parsed, pack);
        var display = Display(parsed, parsed.GetValue(_from) is null ? "fetching" : "reading");
        using var http = Client();
        var downloader = new Downloader(http, _time);
        return await ForEachFileAsync(
            pack,
            display,
            async file =>
            {
                var pulled = parsed.GetValue(_from) is { } from
                    ? await store.ImportAsync(file, from, display.Events, cancellation)
                    : await store.PullAsync(file, downloader, display.Events, cancellation);
                display.Ready(pulled);
                return true;
            }
        );
    }

    private async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var pack = PackCatalog.FindFiles(parsed.GetRequiredValue(_name));
        var store = Store(parsed, pack);
        var display = Display(parsed, "checking");
        return await ForEachFileAsync(
            pack,
            display,
            async file =>
            {
                var check = await store.VerifyAsync(file, display.Events, cancellation);
                display.Checked(check);
                return check.Problem is null;
            }
        );
    }

    private int Locate(ParseResult parsed)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_optionalName) is not { } name)
        {
            var folder = parsed.GetValue(_folder) ?? ModelFolder.Default;
            if (parsed.GetValue(_json))
            {
                JsonLines.Write(output, new { Folder = folder });
            }
            else
            {
                output.WriteLine(folder);
            }

            return ExitCode.Success;
        }

        var pack = PackCatalog.FindFiles(name);
        var store = Store(parsed, pack);
        var files = new PackFiles(pack, store.Folder);
        var missing = 0;
        foreach (var file in pack.Files.Values)
        {
            var found = files.Find(file);
            var (path, exists) = (found ?? store.PathOf(file), found is not null);
            missing += exists ? 0 : 1;
            if (parsed.GetValue(_json))
            {
                JsonLines.Write(
                    output,
                    new
                    {
                        File = file.Name,
                        Path = path,
                        Exists = exists,
                    }
                );
            }
            else
            {
                output.WriteLine(exists ? path : $"{path} (missing)");
            }
        }

        return ExitCode.Of(missing);
    }

    /// <summary>Handles one file after the other; what fails is named, and the others are done, unless there is no connection.</summary>
    private static async Task<int> ForEachFileAsync(ModelPack pack, TransferDisplay display, Func<PackFile, Task<bool>> handle)
    {
        var failed = 0;
        foreach (var file in pack.Files.Values.DistinctBy(file => file.Name))
        {
            try
            {
                failed += await handle(file) ? 0 : 1;
            }
            catch (ConnectionException exception)
            {
                display.Failed(file, exception.Message);
                return ExitCode.Failed;
            }
            catch (DiffBirException exception)
            {
                failed++;
                display.Failed(file, exception.Message);
            }
        }

        return ExitCode.Of(failed);
    }

    private ModelStore Store(ParseResult parsed, ModelPack pack) =>
        new(parsed.GetValue(_folder) ?? pack.Folder ?? ModelFolder.Default);

    private TransferDisplay Display(ParseResult parsed, string verb) =>
        new(parsed.InvocationConfiguration, parsed.GetValue(_json), verb, _time);

    /// <summary>A built-in pack; null where the program came without it.</summary>
    private static ModelPack? TryFind(string name)
    {
        try
        {
            return PackCatalog.FindFiles(name);
        }
        catch (PackException)
        {
            return null;
        }
    }

    private static HttpClient Client()
    {
        var version = typeof(ModelsCommand).Assembly.GetName().Version!.ToString(3);
        var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout }, disposeHandler: true);
        client.DefaultRequestHeaders.UserAgent.Add(new("diffbir", version));
        return client;
    }
}
