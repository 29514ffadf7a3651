using DiffBir.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Imaging;

public sealed class QuantizationTests
{
    [ParityFact]
    public void Bytes_are_truncated_as_in_the_original()
    {
        var fixture = Parity.Fixture("image_ops");
        var bytes = new byte[fixture.Shape("to_uint8/y")[0]];

        Quantization.ToBytes(fixture.Tensor("to_uint8/x").Span, bytes, Rounding.Truncate);

        bytes.ShouldBe(Array.ConvertAll(fixture.Doubles("to_uint8/y"), value => (byte)value));
    }

    [Fact]
    public void Every_step_survives_a_round_trip_with_rounding()
    {
        var words = Enumerable.Range(0, 65536).Select(value => (ushort)value).ToArray();
        var values = Array.ConvertAll(words, value => value / 65535f);
        var result = new ushort[words.Length];

        Quantization.ToWords(values, result, Rounding.Nearest);

        result.ShouldBe(words);
        Quantization
            .OnBytes(new Tensor([0.4999f / 255, 0.5f / 255, -3, 7], 4), Rounding.Nearest)
            .Data.ShouldBe([0, 1 / 255f, 0, 1]);
    }

    [Fact]
    public void Values_outside_the_range_and_no_numbers_do_no_harm()
    {
        var bytes = new byte[4];

        Quantization.ToBytes([float.PositiveInfinity, float.NegativeInfinity, -1, float.NaN], bytes, Rounding.Truncate);

        bytes[..3].ShouldBe([255, 0, 0]);
    }
}
