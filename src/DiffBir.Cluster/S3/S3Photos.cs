using System.Runtime.CompilerServices;
using Amazon.S3.Model;
using DiffBir.Cluster.Stores;
using DiffBir.Imaging;

namespace DiffBir.Cluster.S3;

/// <summary>Photos in buckets: each is brought to this machine for the time of its work.</summary>
/// <param name="client">The store.</param>
/// <param name="scratch">The folder of this machine in which copies take room.</param>
internal sealed class S3Photos(S3Client client, string scratch) : IPhotoSource
{
    /// <summary>Names of all objects below a place, in the order of their bytes.</summary>
    public async IAsyncEnumerable<string> ListAsync(string text, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var place = S3Address.Parse(text);
        await foreach (var found in S3Listing.BelowAsync(client, place, cancellation))
        {
            yield return found.Key[place.Below.Length..];
        }
    }

    /// <inheritdoc/>
    public async Task<PhotoState?> FindAsync(string path, CancellationToken cancellation)
    {
        var place = S3Address.Parse(path);
        return await client.HeadAsync(place, place.Prefix, cancellation) is { } head
            ? new PhotoState(head.ContentLength, head.LastModified?.ToUniversalTime().Ticks ?? 0)
            : null;
    }

    /// <inheritdoc/>
    public async Task<string> Sha256Async(string path, CancellationToken cancellation)
    {
        var place = S3Address.Parse(path);
        return await client.Sha256Async(place, place.Prefix, cancellation)
            ?? throw new FileNotFoundException($"{path} is missing.");
    }

    /// <inheritdoc/>
    public async Task<LocalPhoto?> FetchAsync(string path, CancellationToken cancellation)
    {
        var place = S3Address.Parse(path);
        var copy = new LocalPhoto(ScratchFile.NewPath(scratch), isCopy: true);
        try
        {
            return await client.ReadAsync(place, place.Prefix, answer => WriteAsync(answer, copy, cancellation), cancellation);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private static async Task<LocalPhoto> WriteAsync(GetObjectResponse answer, LocalPhoto copy, CancellationToken cancellation)
    {
        await using var file = new FileStream(copy.Path, FileMode.CreateNew, FileAccess.Write);
        await answer.ResponseStream.CopyToAsync(file, cancellation);
        return file.Length == answer.ContentLength
            ? copy
            : throw new IOException($"{file.Length:N0} of {answer.ContentLength:N0} bytes of the photo came.");
    }
}
