using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.S3;
using DiffBir.Cluster.Stores;
using DiffBir.Imaging;

namespace DiffBir.Cluster.Places;

/// <summary>Where photos and results are: in folders that all machines see, or in buckets (s3://bucket/folder).</summary>
/// <param name="client">The store of buckets; nobody is asked before one is named.</param>
/// <param name="scratch">The folder of this machine for copies of photos, and for results on their way into a bucket.</param>
internal sealed class ClusterPlaces(S3Client client, string scratch) : IPhotoSource, IDisposable
{
    private readonly FolderPhotos _folders = new();
    private readonly S3Photos _buckets = new(client, scratch);

    /// <summary>Places of this machine, as its environment says how buckets are reached.</summary>
    /// <inheritdoc cref="ClusterPlaces(S3Client, string)"/>
    public static ClusterPlaces FromEnvironment(string scratch)
    {
        ScratchFile.ClearUp(scratch);
        return new ClusterPlaces(S3Client.FromEnvironment(), scratch);
    }

    /// <summary>Whether a text names a place in a bucket.</summary>
    public static bool IsBucket(string place) => S3Address.Is(place);

    /// <summary>A place as all machines call it.</summary>
    /// <exception cref="PlaceException">It begins as a bucket's does, and is none.</exception>
    public static string FullName(string place) => IsBucket(place) ? $"{S3Address.Parse(place)}" : Path.GetFullPath(place);

    /// <summary>Whether a place is another one, or lies below it.</summary>
    public static bool IsInside(string place, string other) =>
        IsBucket(place) && IsBucket(other) && S3Address.Parse(other).Contains(S3Address.Parse(place));

    /// <summary>What a name below a place is called as a whole.</summary>
    public static string PathOf(string place, string name) => IsBucket(place) ? $"{place}/{name}" : Path.Combine(place, name);

    /// <summary>Whether the name of something in a bucket can be asked for.</summary>
    public static bool IsName(string name) => S3Address.IsName(name);

    /// <summary>The store of a batch: what it leaves behind where it is killed goes with the batch's end.</summary>
    public IStore StoreOf(BatchDescription batch) =>
        IsBucket(batch.Output) ? StoreAt(batch.Output) : new FolderStore(batch.Output, Layout.Work(batch.Id));

    /// <summary>The store at a place, whatever batches it has held.</summary>
    public IStore StoreAt(string output) =>
        IsBucket(output) ? new S3Store(client, S3Address.Parse(output), scratch) : new FolderStore(output);

    /// <summary>Names of what lies below a place in a bucket, in the order of their bytes.</summary>
    public IAsyncEnumerable<string> ListBucketAsync(string place, CancellationToken cancellation) =>
        _buckets.ListAsync(place, cancellation);

    /// <inheritdoc/>
    public Task<PhotoState?> FindAsync(string path, CancellationToken cancellation) => Of(path).FindAsync(path, cancellation);

    /// <inheritdoc/>
    public Task<string> Sha256Async(string path, CancellationToken cancellation) => Of(path).Sha256Async(path, cancellation);

    /// <inheritdoc/>
    public Task<LocalPhoto?> FetchAsync(string path, CancellationToken cancellation) => Of(path).FetchAsync(path, cancellation);

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private IPhotoSource Of(string path) => IsBucket(path) ? _buckets : _folders;
}
