using System.Buffers.Binary;
using DiffBir.Tools;

namespace DiffBir.Training.Tests.Native;

public sealed class LibTorchSharpMenderTests
{
    private const ushort Weak = 2;

    /// <summary>The library that the build put beside these tests, mended.</summary>
    private static readonly Lazy<byte[]> Mended = new(() =>
        File.ReadAllBytes(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).Order().First()
        )
    );

    /// <summary>The same with the mark taken away, as in TorchSharp's package.</summary>
    private static byte[] Plain()
    {
        var plain = (byte[])Mended.Value.Clone();
        BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(FlagsAt(plain))).ShouldBe(Weak);
        plain[FlagsAt(plain)] = 0;
        return plain;
    }

    [LinuxFact]
    public void The_build_has_mended_the_library_by_one_bit() => LibTorchSharpMender.Mend(Plain()).ShouldBe(Mended.Value);

    [LinuxFact]
    public void Mending_twice_changes_nothing() => LibTorchSharpMender.Mend(Mended.Value).ShouldBe(Mended.Value);

    [LinuxFact]
    public void A_library_that_does_not_need_the_version_is_left_as_it_is()
    {
        var other = Plain();
        other[Find(other, "GLIBCXX_3.4.32\0") + "GLIBCXX_3.4.3".Length] = (byte)'0';

        LibTorchSharpMender.Mend(other).ShouldBe(other);
    }

    [LinuxFact]
    public void A_library_that_needs_the_version_for_something_else_is_refused()
    {
        var other = Plain();
        var versions = Section(other, SectionType.SymbolVersions);
        var need = BinaryPrimitives.ReadUInt16LittleEndian(other.AsSpan(FlagsAt(other) + 2));
        BinaryPrimitives.WriteUInt16LittleEndian(other.AsSpan(versions.Offset + (2 * 1)), need);

        Refusal(other).ShouldMatch("^it needs GLIBCXX_3.4.32 for .+ as well$");
    }

    [LinuxFact]
    public void A_library_that_uses_the_symbol_is_refused()
    {
        var other = Plain();
        var versions = Section(other, SectionType.SymbolVersions);
        var need = BinaryPrimitives.ReadUInt16LittleEndian(other.AsSpan(FlagsAt(other) + 2));
        var symbol = Enumerable
            .Range(0, versions.Size / 2)
            .Single(index => BinaryPrimitives.ReadUInt16LittleEndian(other.AsSpan(versions.Offset + (2 * index))) == need);
        var relocations = Section(other, SectionType.Relocations);
        BinaryPrimitives.WriteInt32LittleEndian(other.AsSpan(relocations.Offset + 12), symbol);

        Refusal(other).ShouldBe("it uses _ZSt21ios_base_library_initv of GLIBCXX_3.4.32");
    }

    [LinuxFact]
    public void Something_else_than_a_library_is_refused()
    {
        Refusal([]).ShouldContain("not a 64-bit little-endian ELF file");
        Refusal("MZ"u8.ToArray().Concat(new byte[100]).ToArray()).ShouldContain("not a 64-bit");
        Refusal(Plain()[..100_000]).ShouldContain("it refers to byte");
    }

    [LinuxFact]
    public void A_library_damaged_anywhere_is_mended_or_refused_and_nothing_worse()
    {
        var plain = Plain();
        var needs = Section(plain, SectionType.VersionNeeds);
        // The file's header, its section table, and the version needs: all that steers the mender.
        int[] places =
        [
            .. Enumerable.Range(0, 64),
            .. Enumerable.Range(plain.Length - (64 * 40), 64 * 40).Where(at => at % 3 == 0),
            .. Enumerable.Range(needs.Offset, needs.Size),
        ];
        foreach (var place in places)
        {
            var before = plain[place];
            plain[place] = (byte)~before;
            try
            {
                LibTorchSharpMender.Mend(plain);
            }
            catch (MendingException) { }

            plain[place] = before;
        }
    }

    private static string Refusal(byte[] library) =>
        Should.Throw<MendingException>(() => LibTorchSharpMender.Mend(library)).Message;

    private static Section Section(byte[] library, SectionType type) => new ElfFile(library).Sections(type).First();

    /// <summary>Where the flags of the needed version lie: the entry with the offset of its name.</summary>
    private static int FlagsAt(byte[] library)
    {
        var file = new ElfFile(library);
        var needs = Section(library, SectionType.VersionNeeds);
        var name = Find(library, "GLIBCXX_3.4.32\0") - file.Linked(needs).Offset;
        for (var at = needs.Offset; at < needs.Offset + needs.Size; at += 16)
        {
            if (file.UInt32(at + 8) == name)
            {
                return at + 4;
            }
        }

        throw new InvalidOperationException("The library does not need GLIBCXX_3.4.32.");
    }

    private static int Find(byte[] library, string text) => library.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text));
}
