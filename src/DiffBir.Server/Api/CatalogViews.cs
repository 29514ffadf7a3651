using System.Text.Json.Nodes;
using DiffBir.Faces;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Server.Configuration;
using DiffBir.Server.Models;

namespace DiffBir.Server.Api;

/// <summary>Shows clients what the server has to offer.</summary>
internal static class CatalogViews
{
    /// <summary>A model.</summary>
    public static ModelView Of(ServedModel model) =>
        model.Pack is { } pack
            ? new(
                model.Name,
                pack.Title,
                pack.License,
                model.IsAvailable,
                model.Missing,
                model.IsDefault,
                [.. pack.Tasks.Keys.Select(task => task.ToString().ToLowerInvariant())],
                pack.TasksDiffer,
                pack.UNet is not null || pack.Generator is not null,
                OptionCatalog.WithoutEffect(pack),
                Of(pack.Defaults)
            )
            : new(model.Name, model.NotHere, "", false, [], model.IsDefault, [], false, true, [], null);

    /// <summary>The form of a request.</summary>
    public static FormView Form(ServerOptions options, ModelCache models) =>
        new(
            Options(),
            new(options.MaxUploadBytes, options.MaxPixels, options.MaxOutputPixels),
            RequestForm.Formats,
            models.FindsFaces
        );

    /// <summary>A face.</summary>
    public static FaceView Of(FaceDetection face) =>
        new(
            [face.Box.Left, face.Box.Top, face.Box.Right, face.Box.Bottom],
            face.Score,
            [.. face.Landmarks.Points.Select(point => (IReadOnlyList<double>)[point.X, point.Y])]
        );

    /// <summary>The fields of the form besides <c>image</c> and <c>model</c>.</summary>
    public static IReadOnlyList<OptionView> Options() => [.. RequestForm.Offered.Select(Of)];

    /// <summary>A sample photo.</summary>
    public static SampleView Of(Sample sample) =>
        new(
            sample.Name,
            sample.Title,
            $"/api/samples/{Uri.EscapeDataString(sample.Name)}",
            sample.Info.Width,
            sample.Info.Height,
            sample.Task,
            sample.Upscale
        );

    private static OptionView Of(RestorationOption option) =>
        new(
            option.Name,
            option.Group.Key(),
            option.Group.Title(),
            option.Format.Kind,
            option.Format.Minimum,
            option.Format.Maximum,
            Default(option),
            option.Format.Choices,
            option.Help,
            option.Samplers is { } samplers ? new Dictionary<string, IReadOnlyList<string>> { ["sampler"] = samplers } : null
        );

    /// <summary>The default as JSON of the option's kind.</summary>
    private static JsonNode? Default(RestorationOption option) =>
        (option.Default, option.Format.Kind) switch
        {
            (null, _) => null,
            ({ } text, "number" or "integer" or OptionFormat.Flag) => JsonNode.Parse(text),
            ({ } text, _) => JsonValue.Create(text),
        };

    private static DefaultsView Of(PackDefaults defaults) =>
        new(
            defaults.Upscale,
            defaults.Steps,
            defaults.Sampler,
            defaults.Start,
            defaults.CfgScale,
            defaults.GuidanceScale,
            defaults.StrongestGuidance,
            defaults.Prompt,
            defaults.NegativePrompt
        );
}
