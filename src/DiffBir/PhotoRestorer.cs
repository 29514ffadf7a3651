using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;

namespace DiffBir;

/// <summary>Chooses what restores photos: their faces by themselves where that is asked for, else all of a photo alike.</summary>
public static class PhotoRestorer
{
    /// <summary>Prepares a restoration; nothing is loaded yet.</summary>
    /// <param name="pack">The networks.</param>
    /// <param name="options">What is asked for; <see cref="FaceOptions.Restore"/> decides.</param>
    /// <param name="weightsFolders">Where the pack's files and those of <see cref="FaceFiles"/> are, besides the pack's own folder.</param>
    /// <exception cref="OptionException">An option has a value that is not allowed, with this pack or at all.</exception>
    /// <exception cref="PackException">The pack lacks a task, or files are missing.</exception>
    public static IPhotoRestorer Create(
        ModelPack pack,
        RestorationOptions options,
        params IReadOnlyList<string> weightsFolders
    ) => Create(pack, options.Settle(pack), weightsFolders);

    /// <inheritdoc cref="Create(ModelPack, RestorationOptions, IReadOnlyList{string})"/>
    /// <param name="pack">The networks.</param>
    /// <param name="settings">What is asked for, settled with this pack.</param>
    /// <param name="weightsFolders">Where files are, besides the pack's own folder.</param>
    internal static IPhotoRestorer Create(
        ModelPack pack,
        RestorationSettings settings,
        params IReadOnlyList<string> weightsFolders
    )
    {
        if (!settings.Faces.Restore)
        {
            return new Restorer(pack, settings, weightsFolders);
        }

        FaceDetectorChoice.Of(settings.Faces, weightsFolders).Validate();
        return new FaceRestorer(pack, settings, weightsFolders);
    }
}

/// <summary>Restores photos, one at a time.</summary>
public interface IPhotoRestorer : IDisposable
{
    /// <summary>How a photo is read for this restoration: within its memory, to where whole images belong.</summary>
    ImageReadOptions ReadOptions { get; }

    /// <summary>The size of a photo's restoration.</summary>
    Size OutputSize(Photo lq);

    /// <summary>How much arithmetic a photo's restoration is, with what the machine has free now.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="faces">How many faces of it are restored by themselves, where that is what this restores.</param>
    RestorationWork Work(Photo lq, int faces = 0);

    /// <summary>Restores one photo.</summary>
    /// <param name="lq">The photo as it is.</param>
    /// <param name="events">What the caller wants to hear.</param>
    /// <param name="cancellation">Ends the work within a step.</param>
    /// <returns>One photo for each sample; the caller owns them.</returns>
    /// <exception cref="InvalidOperationException">Another photo is being restored.</exception>
    /// <exception cref="ObjectDisposedException">The restorer is disposed.</exception>
    IReadOnlyList<Photo> Restore(Photo lq, RestorationEvents? events = null, CancellationToken cancellation = default);
}
