using System.Text;

namespace DiffBir.Tests.Packs;

/// <summary>The description of a pack of two files, <c>one.bin</c> and <c>two.bin</c>.</summary>
internal static class ServedPack
{
    /// <summary>The content of a <c>model.json</c>.</summary>
    /// <param name="one">Where the first file is.</param>
    /// <param name="two">Where the second file is; if there are several sources, they are asked in order.</param>
    /// <param name="sha256OfTwo">The published SHA-256 of the second file; null where none is published.</param>
    public static byte[] Json(Uri one, IReadOnlyList<Uri> two, string? sha256OfTwo = null)
    {
        var sources = string.Join(", ", two.Select(source => $"\"{source}\""));
        var published = sha256OfTwo is null ? "" : $"\"sha256\": \"{sha256OfTwo}\", ";
        return Encoding.UTF8.GetBytes(
            $$"""
            {
              "name": "served", "title": "Served", "license": "MIT",
              "files": {
                "one": { "name": "one.bin", "license": "MIT", "sources": ["{{one}}"] },
                "two": { "name": "two.bin", {{published}}"sources": [{{sources}}] }
              },
              "schedule": {},
              "autoencoder": { "file": "one" }, "unet": { "file": "one" },
              "tasks": { "sr": { "stage1": { "kind": "swinir", "file": "two" }, "control": "one" } },
              "defaults": {}
            }
            """
        );
    }
}
