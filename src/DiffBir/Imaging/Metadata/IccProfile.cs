using System.Buffers.Binary;

namespace DiffBir.Imaging.Metadata;

/// <summary>The kinds of color that a profile describes.</summary>
internal enum IccSpace
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>One gray value.</summary>
    Gray,

    /// <summary>Inks.</summary>
    Cmyk,

    /// <summary>Another kind, or no profile at all.</summary>
    Other,
}

/// <summary>Reads the header of ICC profiles (ICC.1:2022, section 7.2).</summary>
internal static class IccProfile
{
    private const int HeaderLength = 128;

    /// <summary>The kind of color a profile is for; <see cref="IccSpace.Other"/> where the bytes are no profile.</summary>
    public static IccSpace SpaceOf(ReadOnlySpan<byte> profile)
    {
        if (
            profile.Length < HeaderLength
            || BinaryPrimitives.ReadUInt32BigEndian(profile) > profile.Length
            || !profile[36..].StartsWith("acsp"u8)
        )
        {
            return IccSpace.Other;
        }

        var space = profile[16..];
        return space.StartsWith("RGB "u8) ? IccSpace.Rgb
            : space.StartsWith("GRAY"u8) ? IccSpace.Gray
            : space.StartsWith("CMYK"u8) ? IccSpace.Cmyk
            : IccSpace.Other;
    }
}
