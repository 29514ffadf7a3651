using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace DiffBir.Server.Storage;

/// <summary>The name of a job: 128 random bits, so that nobody guesses another one's.</summary>
internal readonly record struct JobId
{
    private const int Bytes = 16;
    private const int TextLength = 22; // 128 bits, 6 in each character

    private readonly UInt128 _bits;

    private JobId(ReadOnlySpan<byte> bytes) => _bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);

    /// <summary>A name that no job has.</summary>
    public static JobId New() => new(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Reads a name that a client gives; anything that is not exactly as the server writes it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out JobId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (
            text is not { Length: TextLength }
            || Base64Url.DecodeFromChars(text, bytes, out _, out var count) != OperationStatus.Done
            || count != Bytes
        )
        {
            return false;
        }

        id = new JobId(bytes);
        return id.ToString() == text; // the last character has bits to spare
    }

    /// <summary>Reads the name of a folder.</summary>
    public static bool TryParseHex(string text, out JobId id)
    {
        var isName = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits);
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        id = new JobId(bytes);
        return isName && id.ToHex() == text;
    }

    /// <summary>For folders: some file systems do not tell capital letters from small ones.</summary>
    public string ToHex() => _bits.ToString("x32");

    /// <summary>For addresses: base64url.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        return Base64Url.EncodeToString(bytes);
    }
}
