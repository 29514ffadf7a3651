using DiffBir.Imaging;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Restores photos elsewhere. A job that was handed out is found again under its name, whichever process asks for it.</summary>
internal interface IRemoteRestorer
{
    /// <summary>Restores a photo, or finds it restored or being restored.</summary>
    /// <param name="job">What is to be done.</param>
    /// <param name="report">Hears how far it is.</param>
    /// <param name="cancellation">Ends the wait; the work goes on until it is forgotten.</param>
    /// <returns>The result, which the caller disposes.</returns>
    /// <exception cref="RemoteException">It cannot be restored.</exception>
    Task<RemoteResult> RestoreAsync(RemoteJob job, Action<JobProgress> report, CancellationToken cancellation);

    /// <summary>Withdraws and forgets what nobody waits for any more.</summary>
    /// <param name="folder">The folder of the jobs' names.</param>
    /// <param name="isWanted">Whether somebody waits for a job of a name.</param>
    /// <param name="cancellation">Ends it.</param>
    Task TidyAsync(string folder, Func<string, bool> isWanted, CancellationToken cancellation);
}

/// <summary>A photo that is restored elsewhere.</summary>
/// <param name="Name">Its name there, in a folder.</param>
/// <param name="Wanted">What is asked for.</param>
/// <param name="Options">The same as texts, by the options' names.</param>
internal sealed record RemoteJob(string Name, ReadRequest Wanted, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>The upload.</summary>
    public required string Photo { get; init; }

    /// <summary>The upload's format.</summary>
    public required ImageFormat PhotoFormat { get; init; }

    /// <summary>The result's format.</summary>
    public required ImageFormat ResultFormat { get; init; }
}

/// <summary>A result as a file of this machine, until it is disposed.</summary>
/// <param name="path">The file.</param>
/// <param name="copy">What is disposed.</param>
internal sealed class RemoteResult(string path, IDisposable copy) : IDisposable
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <inheritdoc/>
    public void Dispose() => copy.Dispose();
}

/// <summary>A photo that cannot be restored elsewhere either. No answer of the API: it becomes the error of its job.</summary>
/// <param name="code">What made it fail.</param>
/// <param name="message">A sentence for its owner.</param>
internal sealed class RemoteException(JobErrorCode code, string message) : Exception(message)
{
    public JobErrorCode Code => code;
}
