using DiffBir.Options;
using DiffBir.Restoration;

namespace DiffBir.Server.Configuration;

/// <summary>Rejects invalid server options at startup.</summary>
internal static class ServerValidation
{
    /// <summary>Throws unless the options can be used together.</summary>
    /// <exception cref="DiffBirException">They cannot; the message says what to change.</exception>
    public static void Validate(ServerOptions options)
    {
        Validate(
            LocalHost.TryAddressOf(options.Host) is not null,
            $"The host \"{options.Host}\" is no address. Use 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses (--host)."
        );
        Validate(
            !string.IsNullOrWhiteSpace(options.DataFolder),
            "The data folder has no name. Name one (--data), or leave the option out."
        );
        Validate(
            !options.WeightsFolders.Any(string.IsNullOrWhiteSpace),
            "The folder with the models' files has no name. Name one (--weights), or leave the option out."
        );
        FaceDetectorChoice.ValidateFile(options.FaceCascade);
        Validate(
            options.IsLocal || options.ApiKey is not null || options.IsOpenToAll,
            $"On {options.Host} everybody in the network could use the server. Set a key (--api-key), or say that this is wanted (--no-api-key)."
        );
        Validate(
            options.ApiKey is null or { Length: >= 16 },
            "The key is shorter than 16 characters and can be guessed. Use a longer one (--api-key)."
        );
        ValidateRange(options.Port, 0, 65_535, "port");
        ValidateRange(options.MaxQueue, 1, 10_000, "max-queue");
        ValidateRange(options.Workers, 1, 64, "workers");
        ValidateRange(options.MaxUploadBytes, 1_000_000, 2_000_000_000, "max-upload");
        ValidateRange(options.MaxPixels, 1, 268_435_456, "max-pixels");
        ValidateRange(options.MaxOutputPixels, 1, 1_000_000_000, "max-output-pixels");
        Validate(options.Keep > TimeSpan.Zero, "Jobs must be kept for some time (--keep).");
        Validate(options.TimeLimit > TimeSpan.Zero, "A job must have some time (--time-limit).");
        Validate(
            options.DiskBytes >= options.MaxUploadBytes,
            "The disk budget is smaller than one upload may be. Raise it (--disk), or lower --max-upload."
        );
        foreach (var origin in options.AllowedOrigins)
        {
            Validate(
                Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                    && uri.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase),
                $"\"{origin}\" is no origin. Use a scheme and a host, such as https://example.org (--allow-origin)."
            );
        }

        // What is the same for all photos is refused before the first of them.
        OptionCatalog.Validate(
            new()
            {
                Options = new()
                {
                    Engine = options.Engine,
                    Tiling = new() { MaxMemory = options.MaxMemory / options.Workers },
                },
            }
        );
    }

    private static void ValidateRange(long value, long min, long max, string option) =>
        Validate(value >= min && value <= max, $"--{option} is {value}; it must be from {min} to {max}.");

    private static void Validate(bool holds, string message)
    {
        if (!holds)
        {
            throw new DiffBirException(message);
        }
    }
}
