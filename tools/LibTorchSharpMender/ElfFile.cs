using System.Buffers.Binary;
using System.Text;

namespace DiffBir.Tools;

/// <summary>What the mender reads of a 64-bit little-endian ELF file: its sections, their tables, and the names in them.</summary>
/// <remarks>Layouts: System V ABI, chapter 4, and the Linux Standard Base, "Symbol Versioning". Every read is checked against the file.</remarks>
internal sealed class ElfFile
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;

    // Offsets inside the file's header and a section's header.
    private const int SectionTableAt = 0x28;
    private const int SectionCountAt = 0x3C;
    private const int SectionTypeAt = 0x04;
    private const int SectionOffsetAt = 0x18;
    private const int SectionSizeAt = 0x20;
    private const int SectionLinkAt = 0x28;
    private const int SectionInfoAt = 0x2C;

    private readonly byte[] _bytes;
    private readonly Section[] _sections;

    public ElfFile(byte[] bytes)
    {
        _bytes = bytes;
        // Magic number, 64 bits, little-endian.
        if (bytes.Length < HeaderSize || !bytes.AsSpan().StartsWith("\u007FELF\u0002\u0001"u8))
        {
            throw new MendingException("it is not a 64-bit little-endian ELF file");
        }

        var table = checked((int)UInt64(SectionTableAt));
        _sections = new Section[UInt16(SectionCountAt)];
        for (var index = 0; index < _sections.Length; index++)
        {
            var at = table + (index * SectionHeaderSize);
            _sections[index] = new Section(
                (SectionType)UInt32(at + SectionTypeAt),
                checked((int)UInt64(at + SectionOffsetAt)),
                checked((int)UInt64(at + SectionSizeAt)),
                checked((int)UInt32(at + SectionLinkAt)),
                checked((int)UInt32(at + SectionInfoAt))
            );
        }
    }

    /// <summary>The sections of one kind.</summary>
    public IEnumerable<Section> Sections(SectionType type) => _sections.Where(section => section.Type == type);

    /// <summary>The one section of a kind.</summary>
    public Section Only(SectionType type) =>
        Sections(type).ToArray() is [var section]
            ? section
            : throw new MendingException($"it has not exactly one section of the kind {type}");

    /// <summary>The section that another one refers to, such as a symbol table's names.</summary>
    public Section Linked(Section section) =>
        section.Link < _sections.Length
            ? _sections[section.Link]
            : throw new MendingException("a section refers to one that does not exist");

    /// <summary>A name, from a section of names.</summary>
    public string Name(Section names, uint offset)
    {
        var start = checked(names.Offset + (int)offset);
        var end = checked(names.Offset + names.Size);
        if (start >= end || end > _bytes.Length)
        {
            throw OutOfRange(start);
        }

        var rest = _bytes.AsSpan(start, end - start);
        var length = rest.IndexOf((byte)0);
        return Encoding.ASCII.GetString(length < 0 ? rest : rest[..length]);
    }

    public ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(At(offset, 2));

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(At(offset, 4));

    public ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(At(offset, 8));

    private ReadOnlySpan<byte> At(int offset, int length) =>
        offset >= 0 && offset <= _bytes.Length - length ? _bytes.AsSpan(offset, length) : throw OutOfRange(offset);

    private MendingException OutOfRange(int offset) => new($"it refers to byte {offset}, but has {_bytes.Length}");
}

/// <summary>A section of an ELF file.</summary>
/// <param name="Type">What it holds.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Size">Its number of bytes.</param>
/// <param name="Link">The index of the section it refers to.</param>
/// <param name="Info">For version needs: the number of libraries.</param>
internal readonly record struct Section(SectionType Type, int Offset, int Size, int Link, int Info);

/// <summary>The kinds of sections that matter here.</summary>
internal enum SectionType : uint
{
    /// <summary>Places that the loader fills in, each with a symbol.</summary>
    Relocations = 4,

    /// <summary>The symbols that the loader sees.</summary>
    DynamicSymbols = 11,

    /// <summary>The versions of other libraries' symbols that the file needs.</summary>
    VersionNeeds = 0x6FFFFFFE,

    /// <summary>The version of each dynamic symbol, as an index.</summary>
    SymbolVersions = 0x6FFFFFFF,
}
