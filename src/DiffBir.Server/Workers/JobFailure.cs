using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Server.Configuration;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Says to a job's owner why it failed, and nothing that is only the server's business.</summary>
internal static class JobFailure
{
    /// <summary>The reason in a sentence.</summary>
    /// <param name="error">What happened.</param>
    /// <param name="isLate">Whether the time was up.</param>
    /// <param name="options">How long a job may run, and the folders that no message names.</param>
    public static JobError Of(Exception error, bool isLate, ServerOptions options) =>
        error switch
        {
            OperationCanceledException when isLate => new(
                JobErrorCode.TimeLimit,
                $"The photo took longer than {options.TimeLimit.TotalHours:0.##} hours. Try a smaller photo, a smaller upscale or fewer steps."
            ),
            OutOfMemoryException or EngineException { IsOutOfMemory: true } => new(
                JobErrorCode.OutOfMemory,
                "The server's memory does not suffice for this photo. Try a smaller photo or a smaller upscale."
            ),
            _ when StorageException.FullBehind(error) is not null => new(
                JobErrorCode.DiskFull,
                "The server's disk was full. Try again later, when whoever runs it has made room."
            ),
            ModelUnavailableException => new(JobErrorCode.ModelUnavailable, error.Message),
            RemoteException remote => new(remote.Code, remote.Message),
            OptionException wrong => new(JobErrorCode.OptionInvalid, wrong.Message),
            // Which file could not be read or written is in the inner exception and in the message.
            ImageException { InnerException: IOException or UnauthorizedAccessException } => Internal,
            ImageException broken when !NamesFolder(broken.Message, options) => new(JobErrorCode.ImageBroken, broken.Message),
            _ => Internal,
        };

    private static JobError Internal { get; } =
        new(
            JobErrorCode.Internal,
            "The server could not restore this photo. Try again; if it happens again, whoever runs the server finds the reason in its log."
        );

    private static bool NamesFolder(string message, ServerOptions options) =>
        new[] { Path.GetTempPath(), options.DataFolder, AppContext.BaseDirectory }
            .Concat(options.WeightsFolders)
            .Any(folder => message.Contains(folder, StringComparison.OrdinalIgnoreCase));
}
