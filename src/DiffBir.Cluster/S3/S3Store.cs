using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using DiffBir.Cluster.Stores;
using DiffBir.Imaging;

namespace DiffBir.Cluster.S3;

/// <summary>A place in a bucket. A name is given by a write on the condition that nothing has it (<c>If-None-Match: *</c>).</summary>
/// <param name="client">The store.</param>
/// <param name="place">The place.</param>
/// <param name="scratch">The folder of this machine in which results are made.</param>
internal sealed class S3Store(S3Client client, S3Address place, string scratch) : IStore
{
    private const int MaxBytes = 1 << 20;
    private const int MaxConflicts = 5;

    /// <summary>Says whose write an object is: an answer may be lost, and the next try is told that somebody was first.</summary>
    private const string Writer = "x-amz-meta-diffbir-write";

    /// <inheritdoc/>
    public async Task ValidateAsync(CancellationToken cancellation)
    {
        var probe = $"{Layout.Drafts}/probe-{Guid.NewGuid():N}";
        try
        {
            if (!await TryWriteAsync(probe, new byte[1], cancellation) || await TryWriteAsync(probe, new byte[1], cancellation))
            {
                throw new StoreException(
                    $"The store of {place} replaces objects although it is told not to (If-None-Match). Use one that keeps to it, as Amazon S3, MinIO and Ceph do."
                );
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"{place} cannot hold results: {error.Message} See to bucket, endpoint, region and credentials (AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_PROFILE).",
                error
            );
        }
        finally
        {
            await TryDeleteAsync(probe);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(string name, CancellationToken cancellation) =>
        await client.HeadAsync(place, place.KeyOf(name), cancellation) is not null;

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellation) =>
        client.ReadAsync(
            place,
            place.KeyOf(name),
            async answer =>
            {
                if (answer.ContentLength > MaxBytes)
                {
                    throw new IOException($"{name} has {answer.ContentLength:N0} bytes; a record has at most {MaxBytes:N0}.");
                }

                var content = new byte[answer.ContentLength];
                await answer.ResponseStream.ReadExactlyAsync(content, cancellation);
                return content;
            },
            cancellation
        );

    /// <inheritdoc/>
    public Task<bool> TryWriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        TryPutAsync(name, () => new MemoryStream(content.ToArray()), cancellation);

    /// <inheritdoc/>
    public string NewDraft(string folder) => ScratchFile.NewPath(scratch);

    /// <inheritdoc/>
    public Task<bool> TryCommitAsync(string draft, string name, CancellationToken cancellation) =>
        TryPutAsync(name, () => File.OpenRead(draft), cancellation);

    /// <inheritdoc/>
    public async Task<string> Sha256Async(string name, CancellationToken cancellation) =>
        await client.Sha256Async(place, place.KeyOf(name), cancellation)
        ?? throw new FileNotFoundException($"{name} is not in {place}.");

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var below = place with { Prefix = place.KeyOf(folder) };
        await foreach (var found in S3Listing.BelowAsync(client, below, cancellation))
        {
            yield return found.Key[place.Below.Length..];
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellation) =>
        client.AskAsync(s3 => s3.DeleteObjectAsync(place.Bucket, place.KeyOf(name), cancellation), place, cancellation);

    /// <inheritdoc/>
    public async Task DeleteFolderAsync(string folder, CancellationToken cancellation)
    {
        await foreach (var name in ListAsync(folder, cancellation))
        {
            await DeleteAsync(name, cancellation);
        }
    }

    private async Task<bool> TryPutAsync(string name, Func<Stream> open, CancellationToken cancellation)
    {
        var key = place.KeyOf(name);
        var write = Guid.NewGuid().ToString("N");
        for (var conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            if (await client.AskAsync(s3 => TryPutOnceAsync(s3, key, write, open, cancellation), place, cancellation))
            {
                return true;
            }

            if (await client.HeadAsync(place, key, cancellation) is { } there)
            {
                return there.Metadata[Writer] == write;
            }

            // It was deleted in between: nobody was first.
        }

        throw new IOException($"{name} could not be written to {place}: others wrote and deleted it each time.");
    }

    private async Task<bool> TryPutOnceAsync(
        IAmazonS3 s3,
        string key,
        string write,
        Func<Stream> open,
        CancellationToken cancellation
    )
    {
        var request = new PutObjectRequest
        {
            BucketName = place.Bucket,
            Key = key,
            InputStream = open(),
            IfNoneMatch = "*",
            UseChunkEncoding = false, // the content's one SHA-256 is signed
        };
        request.Metadata[Writer] = write;
        try
        {
            await s3.PutObjectAsync(request, cancellation);
            return true;
        }
        catch (AmazonS3Exception other) when (other.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    private async Task TryDeleteAsync(string name)
    {
        try
        {
            await DeleteAsync(name, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever cannot write has written nothing.
        }
    }
}
