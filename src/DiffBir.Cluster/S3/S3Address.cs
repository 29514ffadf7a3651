using DiffBir.Cluster.Stores;

namespace DiffBir.Cluster.S3;

/// <summary>A place in a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What keys begin with there, without a slash at its end; empty: the whole bucket.</param>
internal sealed record S3Address(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>Whether a text names a place in a bucket.</summary>
    public static bool Is(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address, such as s3://bucket/photos. Letters of a key mean themselves: it is no URL that would be decoded.</summary>
    /// <exception cref="PlaceException">It is none.</exception>
    public static S3Address Parse(string text)
    {
        var parts = (Is(text) ? text[Scheme.Length..] : "").Split('/', 2);
        var prefix = parts.Length == 2 ? parts[1].TrimEnd('/') : "";
        return parts[0].Length > 0 && (prefix.Length == 0 || IsName(prefix))
            ? new S3Address(parts[0], prefix)
            : throw new PlaceException($"{text} names no place in a bucket. Use one such as {Scheme}bucket/folder.");
    }

    /// <summary>
    /// Whether a key, or a part of one, can be asked for: between two slashes is something, and no dots that addresses of the web
    /// resolve, which would lead out of the place.
    /// </summary>
    public static bool IsName(string key) => key.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>The key of a name below this place; names come with jobs, which are not trusted.</summary>
    /// <exception cref="StoreException">The name leads out of it.</exception>
    public string KeyOf(string name) =>
        IsName(name) ? Below + name : throw new StoreException($"{name} would lie outside of {this}.");

    /// <summary>What all keys below this place begin with.</summary>
    public string Below => Prefix.Length == 0 ? "" : $"{Prefix}/";

    /// <summary>Whether another place is this one or lies below it.</summary>
    public bool Contains(S3Address other) =>
        Bucket == other.Bucket && $"{other.Prefix}/".StartsWith(Below, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Prefix.Length == 0 ? Scheme + Bucket : $"{Scheme}{Bucket}/{Prefix}";
}

/// <summary>A text that names no place.</summary>
internal sealed class PlaceException(string message) : DiffBirException(message);
