using DiffBir.Faces;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>What requests may ask for, and what the server adds to it.</summary>
internal sealed class RequestForm(ServerOptions options, ModelCache models)
{
    /// <summary>The most characters of a text.</summary>
    public const int MaxText = 2000;

    /// <summary>A job has one result, only those need the original's slips who compare with it, and a request names no file of the server.</summary>
    private static readonly string[] NotOffered = ["samples", "batch-size", "strict-original", "face-cascade"];

    /// <summary>The field with the faces that somebody marked: what a file of landmarks has, as text.</summary>
    public const string Landmarks = FaceLandmarksFile.Option;

    /// <summary>The options that requests may give.</summary>
    public static IReadOnlyList<RestorationOption> Offered { get; } =
    [.. OptionCatalog.All.Where(option => option.Group != OptionGroup.Computation && !NotOffered.Contains(option.Name))];

    /// <summary>The formats of uploads; those of results are the choices of the option <c>format</c>.</summary>
    public static IReadOnlyList<string> Formats { get; } =
    [.. Enum.GetValues<ImageFormat>().Select(format => OptionFormats.WordOf(format))];

    /// <summary>Reads a request; everything about the model that can be known to fail later fails now.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="texts">The options that were given, by their names.</param>
    /// <exception cref="OptionException">An option is not offered, or has a value that is not allowed.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be used here.</exception>
    public ReadRequest Read(string model, IReadOnlyDictionary<string, string> texts)
    {
        var pack = models.Find(model);
        var marked = texts.TryGetValue(Landmarks, out var json) ? FaceLandmarksFile.Parse(json, $"the field {Landmarks}") : null;
        texts = texts.Where(given => given.Key != Landmarks).ToDictionary();
        foreach (var (name, text) in texts)
        {
            if (!Offered.Any(option => option.Name == name))
            {
                throw new OptionException(
                    $"There is no option \"{Shortened(name)}\". GET /api/options lists all.",
                    Shortened(name)
                );
            }

            if (text.Length > MaxText)
            {
                throw new OptionException($"{name} has {text.Length} characters; at most {MaxText} are taken.", name);
            }
        }

        var request = RestorationRequest.Read(texts, pack);
        request = request with { Options = WithServer(request.Options) };
        if (marked is not null)
        {
            // Whoever marks faces wants them restored.
            request = request with
            {
                Options = request.Options with { Faces = request.Options.Faces with { Restore = true } },
            };
        }

        var settings = request.Settle(pack);
        models.Validate(pack, settings);
        if (!settings.Faces.Restore && settings.Faces != new FaceOptions { Cascade = options.FaceCascade })
        {
            var given = Offered.First(option => option.Group == OptionGroup.Faces && IsChoice(option.Name));
            throw new OptionException(
                $"{given.Name} is for faces that are restored by themselves. Let them be found (faces=true), or mark them ({Landmarks}).",
                given.Name
            );
        }

        if (settings.Faces.Restore)
        {
            models.ValidateFaces(pack, settings, areMarked: marked is not null);
        }

        return new ReadRequest(pack, request, settings)
        {
            Marked = marked,
            FacesFoundBy =
                !settings.Faces.Restore ? null
                : marked is null ? models.FaceDetector.FoundBy
                : FacesFoundBy.User,
        };

        bool IsChoice(string name) =>
            texts.TryGetValue(name, out var text)
            && RestorationRequest.Read([new(name, text)], pack).Options.Faces != new FaceOptions();
    }

    /// <summary>How a result is written: in the format asked for, else in the upload's, else as PNG.</summary>
    public static ImageEncoding EncodingOf(RestorationRequest request, ImageFormat original) =>
        new(request.Format ?? original.OfResult()) { Quality = request.Quality };

    private RestorationOptions WithServer(RestorationOptions asked) =>
        asked with
        {
            Tiling = asked.Tiling with { MaxMemory = models.MemoryOfOne },
            Engine = options.Engine,
            Faces = asked.Faces with { Cascade = options.FaceCascade },
        };

    private static string Shortened(string name) => name.Length <= 40 ? name : name[..40] + "…";
}

/// <summary>A request that was read and found possible.</summary>
/// <param name="Pack">The model.</param>
/// <param name="Asked">What was asked for.</param>
/// <param name="Settings">The same with nothing left to decide.</param>
internal readonly record struct ReadRequest(ModelPack Pack, RestorationRequest Asked, RestorationSettings Settings)
{
    /// <summary>The faces that somebody marked; null where nobody did.</summary>
    public IReadOnlyList<FaceLandmarks>? Marked { get; init; }

    /// <summary>Who finds the faces; null where they are not restored by themselves.</summary>
    public FacesFoundBy? FacesFoundBy { get; init; }
}
