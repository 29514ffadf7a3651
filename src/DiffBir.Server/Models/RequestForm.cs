using System.Text.Json.Nodes;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server.Api;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>The options that requests may give, and what the server adds to them.</summary>
internal sealed class RequestForm(ServerOptions options)
{
    /// <summary>A job has one result.</summary>
    private static readonly string[] OfSeveralResults = ["samples", "batch-size"];

    private static readonly RestorationOption[] Offered =
    [
        .. OptionCatalogue.All.Where(option =>
            option.Group != OptionGroup.Computation && !OfSeveralResults.Contains(option.Name)
        ),
    ];

    /// <summary>The most characters of a text.</summary>
    public const int LongestText = 2000;

    /// <summary>The formats of uploads and results.</summary>
    public static IReadOnlyList<string> Formats => OptionCatalogue.Find("format").Format.Choices!;

    /// <summary>The options as clients see them.</summary>
    public static IReadOnlyList<OptionView> View() =>
        [
            .. Offered.Select(option => new OptionView(
                option.Name,
                option.Group.Key,
                option.Group.Title,
                option.Format.Kind,
                option.Format.Minimum,
                option.Format.Maximum,
                Default(option),
                option.Format.Choices,
                option.Help,
                option.Samplers is { } samplers ? new Dictionary<string, IReadOnlyList<string>> { ["sampler"] = samplers } : null
            )),
        ];

    /// <summary>Reads the options of a request.</summary>
    /// <exception cref="OptionException">An option is not offered, or has a value that is not allowed.</exception>
    public RestorationRequest Read(ModelPack pack, IReadOnlyDictionary<string, string> texts)
    {
        foreach (var (name, text) in texts)
        {
            if (!Offered.Any(option => option.Name == name))
            {
                throw new OptionException(
                    $"There is no option \"{Shortened(name)}\". GET /api/options lists all.",
                    Shortened(name)
                );
            }

            if (text.Length > LongestText)
            {
                throw new OptionException($"{name} has {text.Length} characters; at most {LongestText} are taken.", name);
            }
        }

        var request = RestorationRequest.Read(pack, texts);
        return request with { Options = WithServer(request.Options) };
    }

    /// <summary>How a result is written: in the format asked for, else in the upload's.</summary>
    public static ImageEncoding EncodingOf(RestorationRequest request, ImageFormat original) =>
        new(request.Format ?? original) { Quality = request.Quality };

    /// <summary>The default as JSON of the option's kind.</summary>
    private static JsonNode? Default(RestorationOption option) =>
        (option.Default, option.Format.Kind) switch
        {
            (null, _) => null,
            ({ } text, "number" or "integer" or OptionFormat.Flag) => JsonNode.Parse(text),
            ({ } text, _) => JsonValue.Create(text),
        };

    private RestorationOptions WithServer(RestorationOptions asked) =>
        asked with
        {
            Tiling = asked.Tiling with { MaxMemory = options.MaxMemory / options.Workers },
            Engine = options.Engine,
        };

    private static string Shortened(string name) => name.Length <= 40 ? name : name[..40] + "…";
}
