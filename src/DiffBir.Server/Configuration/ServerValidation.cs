using DiffBir.Options;

namespace DiffBir.Server.Configuration;

/// <summary>Rejects invalid server options at startup.</summary>
internal static class ServerValidation
{
    /// <summary>Throws unless the options can be used together.</summary>
    /// <exception cref="DiffBirException">They cannot; the message says what to change.</exception>
    public static void Validate(ServerOptions options)
    {
        Require(
            LocalHost.TryAddressOf(options.Host) is not null,
            $"The host \"{options.Host}\" is no address. Use 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses (--host)."
        );
        Require(
            !string.IsNullOrWhiteSpace(options.DataFolder),
            "The data folder has no name. Name one (--data), or leave the option out."
        );
        Require(
            !options.WeightsFolders.Any(string.IsNullOrWhiteSpace),
            "The folder with the models' files has no name. Name one (--weights), or leave the option out."
        );
        Require(
            options.IsLocal || options.ApiKey is not null || options.IsOpenToAll,
            $"On {options.Host} everybody in the network could use the server. Set a key (--api-key), or say that this is wanted (--no-api-key)."
        );
        Require(
            options.ApiKey is null or { Length: >= 16 },
            "The key is shorter than 16 characters and can be guessed. Use a longer one (--api-key)."
        );
        RequireRange(options.Port, 0, 65_535, "port");
        RequireRange(options.MaxQueue, 1, 10_000, "max-queue");
        RequireRange(options.Workers, 1, 64, "workers");
        RequireRange(options.MaxUploadBytes, 1_000_000, 2_000_000_000, "max-upload");
        RequireRange(options.MaxPixels, 1, 268_435_456, "max-pixels");
        RequireRange(options.MaxOutputPixels, 1, 1_000_000_000, "max-output-pixels");
        Require(options.Keep > TimeSpan.Zero, "Jobs must be kept for some time (--keep).");
        Require(options.TimeLimit > TimeSpan.Zero, "A job must have some time (--time-limit).");
        Require(
            options.DiskBytes >= options.MaxUploadBytes,
            "The disk budget is smaller than one upload may be. Raise it (--disk), or lower --max-upload."
        );
        foreach (var origin in options.AllowedOrigins)
        {
            Require(
                Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                    && uri.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase),
                $"\"{origin}\" is no origin. Use a scheme and a host, such as https://example.org (--allow-origin)."
            );
        }

        // What is the same for all photos is refused before the first of them.
        OptionCatalogue.Validate(
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

    private static void RequireRange(long value, long min, long max, string option) =>
        Require(value >= min && value <= max, $"--{option} is {value}; it must be from {min} to {max}.");

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new DiffBirException(message);
        }
    }
}
