namespace DiffBir.Checkpoints;

/// <summary>How the elements of a stored tensor are encoded; always little-endian.</summary>
internal enum ElementType
{
    /// <summary>IEEE 754 half precision.</summary>
    Float16,

    /// <summary>The upper 16 bits of a 32-bit float.</summary>
    BFloat16,

    /// <summary>IEEE 754 single precision.</summary>
    Float32,

    /// <summary>IEEE 754 double precision.</summary>
    Float64,

    /// <summary>Signed 8-bit integers.</summary>
    Int8,

    /// <summary>Signed 16-bit integers.</summary>
    Int16,

    /// <summary>Signed 32-bit integers.</summary>
    Int32,

    /// <summary>Signed 64-bit integers.</summary>
    Int64,

    /// <summary>Unsigned 8-bit integers.</summary>
    UInt8,

    /// <summary>One byte each: 0 is false, all else is true.</summary>
    Bool,
}

/// <summary>Facts about element types.</summary>
internal static class ElementTypes
{
    /// <summary>The number of bytes of one element.</summary>
    public static int Size(this ElementType type) =>
        type switch
        {
            ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => 1,
            ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
            ElementType.Float32 or ElementType.Int32 => 4,
            ElementType.Float64 or ElementType.Int64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
        };
}
