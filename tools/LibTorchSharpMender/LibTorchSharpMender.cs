using System.Buffers.Binary;

namespace DiffBir.Tools;

/// <summary>Makes TorchSharp's native library load where libstdc++ is older than GCC 13's.</summary>
/// <remarks>
/// The library needs the version GLIBCXX_3.4.32 of libstdc++ for one symbol, which the compiler leaves behind wherever
/// <c>&lt;iostream&gt;</c> is included and which nothing calls. The loader refuses a library whose needed versions are not all
/// there, unless the need is marked as weak: that mark, one bit, is all that changes. On newer systems it has no effect.
/// </remarks>
internal static class LibTorchSharpMender
{
    private const string NewVersion = "GLIBCXX_3.4.32";

    /// <summary><c>std::ios_base_library_init()</c>: empty; refers to the library that initializes the standard streams.</summary>
    private const string UnusedSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>VER_FLG_WEAK.</summary>
    private const ushort Weak = 2;

    /// <summary>A symbol's version index, less the bit that hides it.</summary>
    private const int VersionMask = 0x7FFF;

    private const int SymbolSize = 24;
    private const int RelocationSize = 24;

    /// <summary>The mended library; equal to the given one where there is nothing to mend.</summary>
    /// <exception cref="MendingException">The library is damaged, or needs the version for something that is used.</exception>
    public static byte[] Mend(byte[] library)
    {
        try
        {
            var file = new ElfFile(library);
            var mended = (byte[])library.Clone();
            foreach (var need in Needs(file))
            {
                ValidateUnused(file, need.Index);
                BinaryPrimitives.WriteUInt16LittleEndian(mended.AsSpan(need.FlagsAt), (ushort)(need.Flags | Weak));
            }

            return mended;
        }
        catch (OverflowException)
        {
            throw new MendingException("its tables are damaged");
        }
    }

    /// <summary>The entries that ask for the new version, of whichever library.</summary>
    private static IEnumerable<Need> Needs(ElfFile file)
    {
        foreach (var section in file.Sections(SectionType.VersionNeeds))
        {
            var names = file.Linked(section);
            var library = section.Offset;
            for (var index = 0; index < section.Info; index++)
            {
                // vn_version, vn_cnt, vn_file, vn_aux, vn_next
                var entry = checked(library + (int)file.UInt32(library + 8));
                for (int left = file.UInt16(library + 2); left > 0; left--)
                {
                    // vna_hash, vna_flags, vna_other, vna_name, vna_next
                    if (file.Name(names, file.UInt32(entry + 8)) == NewVersion)
                    {
                        yield return new Need(entry + 4, file.UInt16(entry + 4), file.UInt16(entry + 6));
                    }

                    entry = checked(entry + (int)file.UInt32(entry + 12));
                }

                library = checked(library + (int)file.UInt32(library + 12));
            }
        }
    }

    /// <summary>Throws if a symbol of this version is another than the one that nothing uses, or if something does use it.</summary>
    private static void ValidateUnused(ElfFile file, ushort version)
    {
        var versions = file.Only(SectionType.SymbolVersions);
        var symbols = file.Linked(versions);
        var unused = new HashSet<uint>();
        for (var index = 0; index < versions.Size / sizeof(ushort); index++)
        {
            var symbolVersion = file.UInt16(versions.Offset + (index * sizeof(ushort)));
            if ((symbolVersion & VersionMask) != version)
            {
                continue;
            }

            var name = file.Name(file.Linked(symbols), file.UInt32(symbols.Offset + (index * SymbolSize)));
            if (name != UnusedSymbol)
            {
                throw new MendingException($"it needs {NewVersion} for {name} as well");
            }

            unused.Add((uint)index);
        }

        foreach (var section in file.Sections(SectionType.Relocations))
        {
            for (var at = section.Offset; at < section.Offset + section.Size; at += RelocationSize)
            {
                // r_offset, r_info with the symbol in its upper half, r_addend
                if (unused.Contains((uint)(file.UInt64(at + 8) >> 32)))
                {
                    throw new MendingException($"it uses {UnusedSymbol} of {NewVersion}");
                }
            }
        }
    }

    private readonly record struct Need(int FlagsAt, ushort Flags, ushort Index);
}
