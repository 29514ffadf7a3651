using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Metrics;
using DiffBir.Tests.Cli;
using DiffBir.Tests.Imaging;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Metrics;

public sealed class LpipsTests : IDisposable
{
    private const double RelativeRounding = 1e-3; // features in floats, their small differences squared

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Expected values: an independent implementation with NumPy and the same made-up weights.
    [Theory]
    [InlineData(64, 64, 0.00021959678068097214)]
    [InlineData(71, 94, 0.0002169327550475854)]
    public void The_distance_in_AlexNets_features_equals_an_independent_implementation(int height, int width, double expected)
    {
        WriteAlexNet();
        var clean = Pictures.Gradient(height, width);
        using var lpips = Lpips.Open(_folder.Path);

        lpips.Measure(Samples.Worn(clean), clean).ShouldBe(expected, expected * RelativeRounding);
        lpips.Measure(clean, clean).ShouldBe(0);
    }

    [Theory]
    [InlineData(2, 6, 8)]
    [InlineData(2, 7, 9)]
    [InlineData(3, 8, 10)]
    [InlineData(3, 9, 7)]
    public void Pooling_takes_the_largest_value_of_each_window(int size, int height, int width)
    {
        // A first layer that copies each channel, and a second that copies what was pooled.
        var network = new FeatureNetwork(
            "copies",
            size,
            [new(false, [new(0, 3, Kernel: 1, Padding: 0)]), new(true, [new(1, 3, Kernel: 1, Padding: 0)])]
        );
        var path = _folder.File("copies.safetensors");
        var copy = new Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], 3, 3, 1, 1);
        SafetensorsWriter.Write(
            path,
            new[] { 0, 1 }.SelectMany(layer =>
                new[]
                {
                    SafetensorsEntry.Of($"features.{layer}.weight", copy),
                    SafetensorsEntry.Of($"features.{layer}.bias", new Tensor(3)),
                }
            )
        );
        var image = Pictures.Gradient(height, width);
        using var session = NetworkSession.Create(
            network.Build(height, width),
            Weights.From(Checkpoint.Open(path)),
            new EngineOptions { Device = Device.Cpu }
        );

        session.Run(("image", image))["stage1"].ShouldBeCloseTo(Pool(image, size), tolerance: 1e-6);
    }

    [Fact]
    public void A_folder_without_the_linear_layers_is_refused_with_the_remedy()
    {
        SafetensorsWriter.Write(
            _folder.File("net.safetensors"),
            [SafetensorsEntry.Of("features.0.weight", new Tensor(64, 3, 11, 11))]
        );

        Should
            .Throw<CheckpointException>(() => Lpips.Open(_folder.Path))
            .Message.ShouldContain("lacks the linear layers (lin0.model.1.weight");
    }

    [Fact]
    public async Task The_command_measures_it_where_weights_are_given()
    {
        WriteAlexNet();
        var image = _folder.File("image.png");
        using (var photo = DiffBir.Imaging.Photo.Of(Pictures.Gradient(40, 40)))
        {
            DiffBir.Imaging.ImageFile.Write(photo, image, new DiffBir.Imaging.ImageEncoding(DiffBir.Imaging.ImageFormat.Png));
        }

        var run = await CommandLine.Run("eval", image, "-r", image, "--lpips", _folder.Path, "--metrics", "psnr");

        run.Output.ShouldContain("80.00  0.0000");
    }

    private void WriteAlexNet()
    {
        (int Index, int In, int Out, int Kernel)[] layers =
        [
            (0, 3, 64, 11),
            (3, 64, 192, 5),
            (6, 192, 384, 3),
            (8, 384, 256, 3),
            (10, 256, 256, 3),
        ];
        SafetensorsWriter.Write(
            _folder.File("alexnet.safetensors"),
            layers.SelectMany(layer =>
                new[]
                {
                    SafetensorsEntry.Of(
                        $"features.{layer.Index}.weight",
                        new Tensor(
                            Spread(
                                layer.Out * layer.In * layer.Kernel * layer.Kernel,
                                layer.Index,
                                Math.Sqrt(6.0 / (layer.In * layer.Kernel * layer.Kernel))
                            ),
                            layer.Out,
                            layer.In,
                            layer.Kernel,
                            layer.Kernel
                        )
                    ),
                    SafetensorsEntry.Of(
                        $"features.{layer.Index}.bias",
                        new Tensor(Spread(layer.Out, 100 + layer.Index, 0.1), layer.Out)
                    ),
                }
            )
        );
        SafetensorsWriter.Write(
            _folder.File("linear.safetensors"),
            layers.Select(
                (layer, stage) =>
                    SafetensorsEntry.Of(
                        $"lin{stage}.model.1.weight",
                        new Tensor(
                            [
                                .. Enumerable
                                    .Range(0, layer.Out)
                                    .Select(index => (float)(Hash(index, 200 + stage) % 1000 / 1000.0 / layer.Out)),
                            ],
                            1,
                            layer.Out,
                            1,
                            1
                        )
                    )
            )
        );
    }

    private static float[] Spread(int count, int salt, double scale)
    {
        var values = new float[count];
        for (var index = 0; index < count; index++)
        {
            values[index] = (float)(((Hash(index, salt) % 2001) - 1000.0) / 1000 * scale);
        }

        return values;
    }

    private static uint Hash(int index, int salt)
    {
        unchecked
        {
            var hash = ((uint)index * 2654435761u) + ((uint)salt * 40503u);
            hash ^= hash >> 15;
            hash *= 2246822519u;
            return hash ^ (hash >> 13);
        }
    }

    private static Tensor Pool(Tensor image, int size)
    {
        var (height, width) = (image.Size(2), image.Size(3));
        var result = new Tensor(1, 3, ((height - size) / 2) + 1, ((width - size) / 2) + 1);
        for (var index = 0; index < result.Length; index++)
        {
            var (x, y) = (index % result.Size(3) * 2, index / result.Size(3) % result.Size(2) * 2);
            var channel = index / (result.Size(2) * result.Size(3));
            result.Data[index] = Enumerable
                .Range(0, size * size)
                .Max(tap => image.Data[(((channel * height) + y + (tap / size)) * width) + x + (tap % size)]);
        }

        return result;
    }
}
