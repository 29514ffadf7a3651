using System.Runtime.CompilerServices;
using Amazon.S3.Model;

namespace DiffBir.Cluster.S3;

/// <summary>Lists objects page by page: whatever their number, one page of them is in memory.</summary>
internal static class S3Listing
{
    /// <summary>The objects below a place in the order of their keys.</summary>
    /// <param name="client">The store.</param>
    /// <param name="place">The place.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async IAsyncEnumerable<S3Object> BelowAsync(
        S3Client client,
        S3Address place,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = place.Bucket,
                Prefix = place.Below,
                ContinuationToken = next,
            };
            var page = await client.AskAsync(s3 => s3.ListObjectsV2Async(request, cancellation), place, cancellation);
            foreach (var found in page.S3Objects ?? [])
            {
                yield return found;
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        } while (next is not null);
    }
}
