using System.Security.Cryptography;
using DiffBir.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

public sealed class EmbeddedPackTests
{
    private const long MaxEmbeddedBytes = 48_000_000; // what a clone and a program may carry

    [Fact]
    public void The_embedded_pack_is_read_from_beside_the_program()
    {
        using var program = new TemporaryFolder();
        var folder = program.File("models/mini");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(SmallPacks.Folder("v2"), PackReader.FileName), Path.Combine(folder, PackReader.FileName));

        var pack = PackCatalog.Find(PackCatalog.Mini, program.Path);

        pack.Name.ShouldBe("small-v2");
        pack.Folder.ShouldBe(folder);
    }

    [Fact]
    public void A_build_without_the_embedded_pack_says_so_and_names_the_others()
    {
        using var program = new TemporaryFolder();

        Should
            .Throw<PackException>(() => PackCatalog.Find(PackCatalog.Mini, program.Path))
            .Message.ShouldBe(
                "The model mini is not part of this build. Use v1, v2, v2.1, hypir, pisa-sr, osediff, realesrgan, realesrgan-compact with their files (--model v2 --weights DIR), or a folder with a model.json."
            );
    }

    [EmbeddedPackFact]
    public void The_embedded_pack_lies_beside_this_program_whole_and_sound()
    {
        var pack = PackCatalog.Find(PackCatalog.Mini);

        pack.Name.ShouldBe(PackCatalog.Mini);
        foreach (var file in pack.Files.Values)
        {
            var bytes = File.ReadAllBytes(Path.Combine(pack.Folder!, file.Name));
            bytes.LongLength.ShouldBe(file.Size!.Value, file.Name);
            Convert.ToHexStringLower(SHA256.HashData(bytes)).ShouldBe(file.Sha256, file.Name);
        }

        File.Exists(Path.Combine(pack.Folder!, "MODEL_CARD.md")).ShouldBeTrue();
        new DirectoryInfo(pack.Folder!).EnumerateFiles().Sum(file => file.Length).ShouldBeLessThanOrEqualTo(MaxEmbeddedBytes);
    }
}

/// <summary>A fact about the pack in <c>models/mini</c>; skipped in working copies without it.</summary>
internal sealed class EmbeddedPackFactAttribute : FactAttribute
{
    public EmbeddedPackFactAttribute() =>
        Skip = File.Exists(Path.Combine(Parity.WorkingCopy, "models", "mini", PackReader.FileName))
            ? null
            : "This working copy has no models/mini.";
}
