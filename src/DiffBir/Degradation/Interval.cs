using System.Text.Json;
using System.Text.Json.Serialization;
using DiffBir.Randomness;

namespace DiffBir.Degradation;

/// <summary>A range that a strength is drawn from. In JSON: <c>[low, high]</c>.</summary>
/// <param name="Low">The smallest value.</param>
/// <param name="High">The largest value; may equal <paramref name="Low"/>.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct Interval(double Low, double High)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Low}, {High}]";

    internal double Draw(IRandomSource random) => random.Uniform(Low, High);

    /// <summary>Throws unless the interval lies between two limits.</summary>
    internal void Validate(string name, double minimum, double maximum)
    {
        // Negated so that NaN is refused too.
        if (!(Low >= minimum && High <= maximum && Low <= High))
        {
            throw new DiffBirException(
                $"The range {name} is {this}. Give [low, high] with {minimum} <= low <= high <= {maximum}."
            );
        }
    }

    /// <summary>Throws unless the interval is positive, finite and contains 1.</summary>
    internal void ValidateAround1(string name)
    {
        if (!(Low > 0 && Low <= 1 && High >= 1 && double.IsFinite(High)))
        {
            throw new DiffBirException($"The range {name} is {this}. Give [low, high] with 0 < low <= 1 <= high.");
        }
    }

    private sealed class Converter : JsonConverter<Interval>
    {
        public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<double[]>(ref reader, options) is [var low, var high]
                ? new Interval(low, high)
                : throw new JsonException("A range is two numbers: [low, high].");

        public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(value.Low);
            writer.WriteNumberValue(value.High);
            writer.WriteEndArray();
        }
    }
}
