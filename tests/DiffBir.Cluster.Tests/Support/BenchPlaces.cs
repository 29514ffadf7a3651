namespace DiffBir.Cluster.Tests.Support;

/// <summary>A place as a test sees it, past the code that is tested.</summary>
internal interface IBenchPlace
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>All that is in it, in order.</summary>
    IReadOnlyList<string> Files { get; }

    byte[] Read(string name);

    void Write(string name, string content);
}

/// <summary>A folder.</summary>
internal sealed class FolderPlace(string folder) : IBenchPlace
{
    private static readonly EnumerationOptions AllFiles = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
    };

    public string Name { get; } = Directory.CreateDirectory(folder).FullName;

    public IReadOnlyList<string> Files =>
        [
            .. Directory
                .EnumerateFiles(Name, "*", AllFiles)
                .Select(file => Path.GetRelativePath(Name, file).Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
        ];

    public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Name, name));

    public void Write(string name, string content) => File.WriteAllText(Path.Combine(Name, name), content);
}

/// <summary>A place in a bucket.</summary>
internal sealed class BucketPlace(S3Double s3, string bucket, string prefix) : IBenchPlace
{
    public string Name => $"s3://{bucket}/{prefix}";

    public IReadOnlyList<string> Files => s3.Keys(bucket, $"{prefix}/");

    public byte[] Read(string name) => s3.Content(bucket, $"{prefix}/{name}");

    public void Write(string name, string content) =>
        s3.Put(bucket, $"{prefix}/{name}", System.Text.Encoding.UTF8.GetBytes(content));
}
