using System.Net.Http.Json;
using System.Text.Json;
using DiffBir.Bench;
using DiffBir.Packs;
using DiffBir.Server.Configuration;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Tests.Browser.Support;

/// <summary>
/// A server with a tiny model and one browser, shared by the tests of a class. Classes run side by side: they wait more than they
/// compute.
/// </summary>
public sealed class Site : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("diffbir-page-");
    private RestorationServer? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where the page is.</summary>
    public Uri Address => _server!.Address;

    /// <summary>Asks the server as a program would.</summary>
    public HttpClient Http { get; } = new();

    private string Pack => Path.Combine(_folder.FullName, "pack");

    /// <summary>Opens the page as a new visitor.</summary>
    public Task<Visit> VisitAsync(Visitor? visitor = null, Uri? address = null) =>
        Visit.StartAsync(_browser!, address ?? Address, visitor ?? new Visitor());

    /// <summary>What the server says under a path of its API.</summary>
    public Task<JsonElement> GetAsync(string path) => Http.GetFromJsonAsync<JsonElement>(new Uri(Address, path));

    /// <summary>Starts another server with data of its own.</summary>
    /// <param name="name">The data's name: servers with the same name have the same data, one after the other.</param>
    /// <param name="change">What is different from the shared server.</param>
    public async Task<RestorationServer> StartAsync(string name, Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = new ServerOptions
        {
            Port = 0,
            DataFolder = Path.Combine(_folder.FullName, name),
            Model = Pack,
            SamplesFolder = Pictures.WriteSamples(Path.Combine(_folder.FullName, "samples")),
        };
        var server = RestorationServer.Create(change?.Invoke(options) ?? options);
        await server.StartAsync();
        return server;
    }

    /// <summary>The folder of a model without stage 2.</summary>
    public string Stage1Alone()
    {
        var folder = Path.Combine(_folder.FullName, "stage1");
        TinyPack.Write(folder);
        var pack = PackReader.Read(folder);
        PackReader.Write(
            pack with
            {
                UNet = null,
                Tasks = pack.Tasks.ToDictionary(task => task.Key, task => new TaskNetworks { Stage1 = task.Value.Stage1 }),
            },
            folder
        );
        return folder;
    }

    /// <summary>The folder of a model that takes one step; it is only looked at, its LoRA is none.</summary>
    public string OneStep()
    {
        var folder = Path.Combine(_folder.FullName, "onestep");
        TinyPack.Write(folder);
        var pack = PackReader.Read(folder);
        PackReader.Write(
            pack with
            {
                OneStep = new() { Lora = [new() { File = pack.UNet!.File, Modules = ["to_q"] }], Timestep = 200 },
                Tasks = pack.Tasks.ToDictionary(task => task.Key, task => task.Value with { Control = null }),
            },
            folder
        );
        return folder;
    }

    /// <summary>The folder of a model that restores faces with what it restores photos with.</summary>
    public string WithFaces()
    {
        var folder = Path.Combine(_folder.FullName, "faces-pack");
        TinyPack.Write(folder);
        var pack = PackReader.Read(folder);
        var tasks = new Dictionary<RestorationTask, TaskNetworks>(pack.Tasks)
        {
            [RestorationTask.Face] = pack.Tasks[RestorationTask.Sr],
        };
        PackReader.Write(pack with { Tasks = tasks }, folder);
        return folder;
    }

    /// <summary>The folder of a model whose tasks use different files, of the same content.</summary>
    public string WithTasksThatDiffer()
    {
        const string other = "other";
        var folder = Path.Combine(_folder.FullName, "tasks");
        TinyPack.Write(folder);
        var pack = PackReader.Read(folder);
        var denoise = pack.Tasks[RestorationTask.Denoise];
        PackReader.Write(
            pack with
            {
                Files = new Dictionary<string, PackFile>(pack.Files) { [other] = pack.Files[denoise.Stage1.File] },
                Tasks = new Dictionary<RestorationTask, TaskNetworks>(pack.Tasks)
                {
                    [RestorationTask.Denoise] = denoise with { Stage1 = denoise.Stage1 with { File = other } },
                },
            },
            folder
        );
        return folder;
    }

    public async Task InitializeAsync()
    {
        TinyPack.Write(Pack);
        _server = await StartAsync("shared");
        if (Chromium.Path is not null)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await Chromium.LaunchAsync(_playwright);
        }
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        Http.Dispose();
        await _server!.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
