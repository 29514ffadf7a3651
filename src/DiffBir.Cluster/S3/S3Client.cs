using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.S3;

/// <summary>Asks a store of the S3 kind, and says in one sentence what went wrong.</summary>
/// <remarks>
/// The client tries again by itself where the store answers 500, 502, 503 or 504, is slow, or asks for less. Contents are signed
/// with their SHA-256, so that the store refuses what was damaged on the way; further checksums, which older stores do not know,
/// are left out.
/// </remarks>
internal sealed class S3Client(Func<IAmazonS3> create) : IDisposable
{
    private const string NoSuchBucket = "NoSuchBucket";

    private static readonly string[] AmazonHosts = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"];

    private readonly Lazy<IAmazonS3> _client = new(create);

    /// <summary>A client whose endpoint, region and credentials come from where AWS's tools look: environment, profile, the machine's role.</summary>
    public static S3Client FromEnvironment() =>
        new(() =>
        {
            var config = Configured(new AmazonS3Config());
            var client = new AmazonS3Client(config);
            // Buckets are names of hosts at Amazon alone.
            var endpoint = client.DetermineServiceOperationEndpoint(new ListObjectsV2Request { BucketName = "any" });
            config.ForcePathStyle = !AmazonHosts.Any(new Uri(endpoint.URL).Host.EndsWith);
            return client;
        });

    /// <summary>How we ask, wherever that is.</summary>
    /// <param name="config">Endpoint and region; what is not given is looked for as AWS's tools do.</param>
    public static AmazonS3Config Configured(AmazonS3Config config)
    {
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = 5;
        config.Timeout ??= TimeSpan.FromMinutes(2);
        config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
        config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        return config;
    }

    /// <summary>Asks for an answer.</summary>
    /// <exception cref="PlaceAwayException">The store does not answer, or refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">We are not let in.</exception>
    public async Task<T> AskAsync<T>(Func<IAmazonS3, Task<T>> ask, S3Address place, CancellationToken cancellation)
    {
        try
        {
            return await ask(_client.Value);
        }
        catch (AmazonServiceException error) when (error.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            throw new UnauthorizedAccessException($"The store does not let us in at {place} ({Why(error)}).", error);
        }
        catch (Exception error) when (IsFailure(error, cancellation))
        {
            throw new PlaceAwayException($"The store does not answer as it should at {place} ({Why(error)}).", error);
        }
    }

    /// <summary>Asks for something that may not be there; null where it is not.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public Task<T?> FindAsync<T>(Func<IAmazonS3, Task<T>> ask, S3Address place, CancellationToken cancellation)
        where T : class =>
        AskAsync<T?>(
            async s3 =>
            {
                try
                {
                    return await ask(s3);
                }
                catch (AmazonS3Exception none) when (none.StatusCode == HttpStatusCode.NotFound && none.ErrorCode != NoSuchBucket)
                {
                    return null;
                }
            },
            place,
            cancellation
        );

    /// <summary>What is known of an object without its content; null where there is none.</summary>
    public Task<GetObjectMetadataResponse?> HeadAsync(S3Address place, string key, CancellationToken cancellation) =>
        FindAsync(s3 => s3.GetObjectMetadataAsync(place.Bucket, key, cancellation), place, cancellation);

    /// <summary>Reads an object to its end; null where there is none.</summary>
    /// <param name="place">The bucket.</param>
    /// <param name="key">The object.</param>
    /// <param name="read">Reads its content.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task<T?> ReadAsync<T>(
        S3Address place,
        string key,
        Func<GetObjectResponse, Task<T>> read,
        CancellationToken cancellation
    )
        where T : class =>
        FindAsync(
            async s3 =>
            {
                using var answer = await s3.GetObjectAsync(place.Bucket, key, cancellation);
                return await read(answer);
            },
            place,
            cancellation
        );

    /// <summary>SHA-256 of an object's content; null where there is none.</summary>
    public Task<string?> Sha256Async(S3Address place, string key, CancellationToken cancellation) =>
        ReadAsync(
            place,
            key,
            async answer => Convert.ToHexStringLower(await SHA256.HashDataAsync(answer.ResponseStream, cancellation)),
            cancellation
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static bool IsFailure(Exception error, CancellationToken cancellation) =>
        error is AmazonServiceException or AmazonClientException or HttpRequestException or TimeoutException
        || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static string Why(Exception error) =>
        error is AmazonServiceException { ErrorCode.Length: > 0 } service ? service.ErrorCode : error.Message.TrimEnd('.');
}
