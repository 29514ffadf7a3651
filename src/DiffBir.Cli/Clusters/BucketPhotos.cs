using System.Runtime.CompilerServices;
using DiffBir.Cli.Files;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Stores;
using DiffBir.Imaging;

namespace DiffBir.Cli.Clusters;

/// <summary>The photos of a batch that comes from a bucket, or goes into one.</summary>
/// <remarks>
/// A bucket is listed in the order of its keys, a page at a time. Keys that could claim one name for their results (a.jpg and a.tif
/// with <c>--format png</c>) follow each other there, so that nothing else of the list needs to be remembered.
/// </remarks>
/// <param name="places">Where they are.</param>
/// <param name="format">The format of a photo's result.</param>
/// <param name="samples">The results of each photo.</param>
internal sealed class BucketPhotos(ClusterPlaces places, Func<InputFile, ImageFormat> format, int samples)
{
    private const string OddKey =
        "Its key has an empty part, or one of dots alone, which cannot be asked for. Copy it to another key.";

    /// <summary>Whether a batch has to do with buckets.</summary>
    public static bool Are(IEnumerable<string> inputs, string output) => inputs.Append(output).Any(ClusterPlaces.IsBucket);

    /// <summary>Finds the photos.</summary>
    /// <param name="inputs">One place in a bucket; files and folders, where the output is one.</param>
    /// <param name="output">The place of the results.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UsageException">There are none, or results could replace them.</exception>
    public async Task<ClusterPhotos> FindAsync(IReadOnlyList<string> inputs, string output, CancellationToken cancellation)
    {
        var root = ClusterPlaces.FullName(output);
        Validate(inputs, root);
        Func<IAsyncEnumerable<FeedItem>> items = ClusterPlaces.IsBucket(inputs[0])
            ? () => InBucketAsync(ClusterPlaces.FullName(inputs[0]), root, cancellation)
            : () => OnDisk(inputs, root).ToAsyncEnumerable();
        return await items().CountAsync(cancellation) is > 0 and var count
            ? new ClusterPhotos(root, items, count)
            : throw new UsageException($"{inputs[0]} holds no images. {ImageFormats.Names} files are taken, by their extension.");
    }

    private static void Validate(IReadOnlyList<string> inputs, string root)
    {
        if (inputs.Count > 1 && inputs.Any(ClusterPlaces.IsBucket))
        {
            throw new UsageException("A place in a bucket is the only input of its batch. Start a batch for each of them.");
        }

        if (ImageFormats.FromExtension(root) is not null && !Directory.Exists(root))
        {
            throw new UsageException($"{root} is named like a picture, but is a folder for pictures. Name another one (-o).");
        }

        if (ClusterPlaces.IsInside(FolderOf(ClusterPlaces.FullName(inputs[0])), root))
        {
            throw new UsageException($"The results could replace photos, as {inputs[0]} is in {root}. Name another output (-o).");
        }
    }

    private static string FolderOf(string place) => IsPhoto(place) ? place[..place.LastIndexOf('/')] : place;

    private static bool IsPhoto(string place) => ImageFormats.FromExtension(place) is not null;

    private IEnumerable<FeedItem> OnDisk(IReadOnlyList<string> inputs, string root)
    {
        var folders =
            inputs is [var only] && Directory.Exists(only)
                ? InputFiles.ByFolder(only, exclude: null)
                : [InputFiles.Collect(inputs)];
        return folders.SelectMany(files =>
            files.Zip(
                new OutputNames(root, format).Of(files),
                (file, name) => ItemOf(file with { Path = Path.GetFullPath(file.Path) }, name.Name)
            )
        );
    }

    private async IAsyncEnumerable<FeedItem> InBucketAsync(
        string place,
        string root,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        List<InputFile> run = [];
        await foreach (var photo in ListAsync(place, root, cancellation))
        {
            if (run.Count > 0 && !photo.Name.StartsWith(Claim(run[0]), StringComparison.Ordinal))
            {
                foreach (var item in Named(run))
                {
                    yield return item;
                }

                run = [];
            }

            run.Add(photo);
        }

        foreach (var item in Named(run))
        {
            yield return item;
        }
    }

    private async IAsyncEnumerable<InputFile> ListAsync(
        string place,
        string root,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        if (IsPhoto(place))
        {
            yield return new InputFile(place, place[(place.LastIndexOf('/') + 1)..]);
            yield break;
        }

        await foreach (var name in places.ListBucketAsync(place, cancellation))
        {
            if (InputFiles.Of(ClusterPlaces.PathOf(place, name), name) is not { } photo || Layout.IsOurs(name))
            {
                continue;
            }

            if (!ClusterPlaces.IsName(name))
            {
                yield return photo with
                {
                    Problem = OddKey,
                };
            }
            else if (!ClusterPlaces.IsInside(photo.Path, root))
            {
                yield return photo;
            }
        }
    }

    // Up to the first dot of its last part: what begins like this follows it in a list that is in order, and no other claims its name.
    private static string Claim(InputFile photo) => photo.Name[..(photo.Name.IndexOf('.', photo.Name.LastIndexOf('/') + 1) + 1)];

    private IEnumerable<FeedItem> Named(List<InputFile> run)
    {
        List<string> plain = [.. run.Select(photo => Path.ChangeExtension(photo.Name, format(photo).Extension()))];
        var isPlain = plain.Distinct(StringComparer.Ordinal).Count() == run.Count;
        return run.Select((photo, at) => ItemOf(photo, isPlain ? plain[at] : photo.Name + format(photo).Extension()));
    }

    private FeedItem ItemOf(InputFile photo, string name) => new(photo.Path, OutputFiles.Numbered(name, samples), photo.Problem);
}
