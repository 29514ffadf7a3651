using DiffBir.Options;
using DiffBir.Packs;

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

        FaceFiles.Validate(new PackFiles(FaceFiles.Pack, weightsFolders));
        return new FaceRestorer(pack, settings, weightsFolders);
    }
}
