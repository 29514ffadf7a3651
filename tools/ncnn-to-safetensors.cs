// Turns Real-ESRGAN's networks as ncnn keeps them (NAME.param, NAME.bin) into the safetensors file that diffbir reads:
//   dotnet run tools/ncnn-to-safetensors.cs NAME.param NAME.bin OUT.safetensors
// For people who have these files from another program; `diffbir models pull realesrgan` fetches the official ones.
// The layers come in the order in which they run; their weights get the names of the official checkpoints.
#:property PublishAot=false
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DiffBir.Tools;

const uint Half = 0x01306B47; // ncnn's mark of 16-bit weights; 0 marks 32-bit ones

if (args.Length != 3)
{
    Console.Error.WriteLine("Usage: dotnet run tools/ncnn-to-safetensors.cs NAME.param NAME.bin OUT.safetensors");
    return 2;
}

var layers = File.ReadLines(args[0]).Skip(2).Select(Layer.Parse).Where(layer => layer.Kind is "Convolution" or "PReLU").ToList();
var names = layers.Any(layer => layer.Kind == "PReLU") ? CompactNames() : RrdbNames(layers.Count);
using var weights = new BinaryReader(File.OpenRead(args[1]));
var tensors = new List<Values>();
foreach (var (layer, name) in layers.Zip(names, (layer, name) => (layer, name)))
{
    if (layer.Kind == "PReLU")
    {
        tensors.Add(new($"{name}.weight", [layer.Number(0)], Floats(weights, layer.Number(0))));
        continue;
    }

    var (outputs, kernel, count) = (layer.Number(0), layer.Number(1), layer.Number(6));
    tensors.Add(new($"{name}.weight", [outputs, count / outputs / kernel / kernel, kernel, kernel], Weights(weights, count)));
    tensors.Add(new($"{name}.bias", [outputs], Floats(weights, outputs)));
}

if (weights.BaseStream.Position != weights.BaseStream.Length)
{
    Console.Error.WriteLine(
        $"{args[1]} has {weights.BaseStream.Length - weights.BaseStream.Position} bytes more than {args[0]} explains."
    );
    return 1;
}

Write(args[2], tensors);
Console.WriteLine($"{tensors.Count} tensors, {tensors.Sum(tensor => tensor.Data.Length) / 1e6:F2} M weights.");
return 0;

static IEnumerable<string> CompactNames() => Enumerable.Range(0, int.MaxValue).Select(layer => $"body.{layer}");

// Between the first convolution and the four behind the trunk stand blocks of three times five.
static IEnumerable<string> RrdbNames(int count) =>
    [
        "conv_first",
        .. from block in Enumerable.Range(0, (count - 6) / 15)
        from dense in Enumerable.Range(1, 3)
        from layer in Enumerable.Range(1, 5)
        select $"body.{block}.rdb{dense}.conv{layer}",
        "conv_body",
        "conv_up1",
        "conv_up2",
        "conv_hr",
        "conv_last",
    ];

static float[] Weights(BinaryReader reader, int count)
{
    var mark = reader.ReadUInt32();
    if (mark is not (Half or 0))
    {
        throw new InvalidDataException($"Weights are marked 0x{mark:X8}; only 16-bit and 32-bit ones are known.");
    }

    if (mark == 0)
    {
        return Floats(reader, count);
    }

    var values = new float[count];
    for (var index = 0; index < count; index++)
    {
        values[index] = (float)reader.ReadHalf();
    }

    if (count % 2 == 1)
    {
        reader.ReadHalf(); // every layer begins at a multiple of four bytes
    }

    return values;
}

static float[] Floats(BinaryReader reader, int count)
{
    var values = new float[count];
    for (var index = 0; index < count; index++)
    {
        values[index] = reader.ReadSingle();
    }

    return values;
}

// The format: the length of a JSON header, the header, the numbers.
static void Write(string path, List<Values> tensors)
{
    var offset = 0L;
    var header = new Dictionary<string, object>();
    foreach (var tensor in tensors)
    {
        var end = offset + (4L * tensor.Data.Length);
        header[tensor.Name] = new
        {
            dtype = "F32",
            shape = tensor.Shape,
            data_offsets = new[] { offset, end },
        };
        offset = end;
    }

    var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
    using var output = new BinaryWriter(File.Create(path));
    output.Write((long)json.Length);
    output.Write(json);
    var bytes = new byte[4];
    foreach (var value in tensors.SelectMany(tensor => tensor.Data))
    {
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        output.Write(bytes);
    }
}

namespace DiffBir.Tools
{
    internal sealed record Values(string Name, int[] Shape, float[] Data);

    /// <summary>A line of a .param file: kind, name, numbers of inputs and outputs, their names, then key=value.</summary>
    internal sealed record Layer(string Kind, Dictionary<int, string> Options)
    {
        public int Number(int key) => int.Parse(Options[key], CultureInfo.InvariantCulture);

        public static Layer Parse(string line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var options = words.Skip(4).Select(word => word.Split('=')).Where(pair => pair.Length == 2);
            return new(words[0], options.ToDictionary(pair => int.Parse(pair[0], CultureInfo.InvariantCulture), pair => pair[1]));
        }
    }
}
