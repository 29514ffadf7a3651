using System.Text.Json.Nodes;
using DiffBir.Server.Models;
using DiffBir.Server.Safety;
using DiffBir.Server.Uploads;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DiffBir.Server.Api;

/// <summary>The OpenAPI document: what the endpoints say of themselves, and the form that is read piece by piece.</summary>
internal static class RestorationApiDocument
{
    /// <summary>Adds the document to the server.</summary>
    public static void Add(IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            document =>
            {
                document.AddDocumentTransformer(
                    (openApi, _, _) =>
                    {
                        openApi.Info.Title = "DiffBir";
                        openApi.Info.Version = "v1";
                        openApi.Info.Description = "Restores photos.";
                        openApi.Servers = [];
                        openApi.Components ??= new OpenApiComponents();
                        openApi.Components.SecuritySchemes = Keys();
                        return Task.CompletedTask;
                    }
                );
                document.AddOperationTransformer(
                    (operation, context, _) =>
                    {
                        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
                        if (metadata.OfType<RestorationFormMetadata>().Any())
                        {
                            operation.RequestBody = Form(RestorationFields());
                        }
                        else if (metadata.OfType<PhotoFormMetadata>().Any())
                        {
                            operation.RequestBody = Form(PhotoField());
                        }

                        return Task.CompletedTask;
                    }
                );
            }
        );

    private static Dictionary<string, IOpenApiSecurityScheme> Keys()
    {
        const string when = "Needed where the server was started with a key.";
        return new()
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = when,
            },
            ["key"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = ApiKeyGuard.Header,
                Description = when,
            },
        };
    }

    private static Dictionary<string, IOpenApiSchema> PhotoField() =>
        new()
        {
            [UploadReader.ImageField] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Format = "binary",
                Description = "The photo.",
            },
        };

    private static Dictionary<string, IOpenApiSchema> RestorationFields()
    {
        var fields = PhotoField();
        fields["model"] = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "One of GET /api/models; the default one if left out.",
        };
        foreach (var option in CatalogViews.Options())
        {
            fields[option.Name] = Schema(option);
        }

        fields[RequestForm.Landmarks] = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description =
                "The faces to restore by themselves, instead of finding them: JSON with five points [x, y] for each in pixels of the upright photo, as POST /api/faces gives them.",
        };
        return fields;
    }

    private static OpenApiRequestBody Form(Dictionary<string, IOpenApiSchema> fields)
    {
        var form = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = fields,
            Required = new HashSet<string> { UploadReader.ImageField },
        };
        return new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["multipart/form-data"] = new() { Schema = form } },
        };
    }

    private static OpenApiSchema Schema(OptionView option) =>
        new()
        {
            Type = option.Type switch
            {
                "number" => JsonSchemaType.Number,
                "integer" => JsonSchemaType.Integer,
                "boolean" => JsonSchemaType.Boolean,
                _ => JsonSchemaType.String,
            },
            Description = option.Help,
            MaxLength = option.Type == "text" ? RequestForm.MaxText : null,
            Minimum = option.Minimum?.ToString(),
            Maximum = option.Maximum?.ToString(),
            Enum = option.Choices?.Select(choice => (JsonNode)choice).ToList(),
        };
}
