using System.Buffers.Binary;
using System.Text;
using DiffBir.Training.Runs;

namespace DiffBir.Training.Tests.Runs;

public sealed class EventFileTests
{
    [Fact]
    public void The_checksum_is_the_masked_CRC_32C()
    {
        const uint Known = 0xE3069283; // CRC-32C of "123456789" (RFC 3720)
        var masked = ((Known >> 15) | (Known << 17)) + 0xa282ead8;

        EventFile.MaskedChecksum("123456789"u8).ShouldBe(masked);
    }

    [Fact]
    public void Records_are_framed_by_length_and_checksums()
    {
        using var folder = new TemporaryFolder();
        using (var events = new EventFile(folder.Path, TimeProvider.System))
        {
            events.Scalar("train/loss", 7, 0.5);
            events.Picture("validation/pictures", 7, [1, 2, 3], 4, 5);
        }

        var records = Records(File.ReadAllBytes(Directory.GetFiles(folder.Path).Single()));

        records.Count.ShouldBe(3);
        Encoding.Latin1.GetString(records[0]).ShouldContain("brain.Event:2");
        Encoding.Latin1.GetString(records[1]).ShouldContain("train/loss");
        records[1].AsSpan().IndexOf(BitConverter.GetBytes(0.5f)).ShouldBeGreaterThan(0);
        Encoding.Latin1.GetString(records[2]).ShouldContain("validation/pictures");
    }

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var position = 0; position < file.Length; )
        {
            var prefix = file.AsSpan(position, sizeof(long));
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(prefix);
            BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(position + 8)).ShouldBe(EventFile.MaskedChecksum(prefix));
            var record = file.AsSpan(position + 12, length);
            BinaryPrimitives
                .ReadUInt32LittleEndian(file.AsSpan(position + 12 + length))
                .ShouldBe(EventFile.MaskedChecksum(record));
            records.Add(record.ToArray());
            position += 16 + length;
        }

        return records;
    }
}
