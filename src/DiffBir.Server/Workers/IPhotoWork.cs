using DiffBir.Restoration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Workers;

/// <summary>Restores the photos of jobs, one after the other.</summary>
internal interface IPhotoWork : IDisposable
{
    /// <summary>Restores a job's photo.</summary>
    /// <param name="live">The job.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>The result, which is on disk.</returns>
    RestoredPhoto Restore(LiveJob live, CancellationToken cancellation);

    /// <summary>Frees what is loaded.</summary>
    void Cool();
}

/// <summary>What became of a photo.</summary>
/// <param name="Output">The result.</param>
/// <param name="FacesFoundBy">Who found its faces; null where they are not restored by themselves.</param>
internal sealed record RestoredPhoto(Picture Output, FacesFoundBy? FacesFoundBy);
