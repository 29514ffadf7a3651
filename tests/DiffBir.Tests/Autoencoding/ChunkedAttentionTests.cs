using DiffBir.Autoencoding;
using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;
using DiffBir.Randomness;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Autoencoding;

public sealed class ChunkedAttentionTests
{
    private const double Rounding = 1e-5;

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(1, 16)]
    [InlineData(1, 7)] // rows are cut
    [InlineData(8, 16)] // weights that differ by many orders of magnitude
    public void Parts_put_together_equal_attention_to_all_pixels(float spread, int pixels)
    {
        const int Channels = 6;
        var (height, width) = (5, 9);
        var source = new TorchRandom(1).Normal(1, 4 * Channels, height, width);
        for (var index = 0; index < source.Length; index++)
        {
            source.Data[index] *= spread;
        }

        var destination = new Tensor(1, 2 * Channels, height, width);

        new ChunkedAttention(Load, pixels * Channels).Run(PlanarImage.Of(source), PlanarImage.Of(destination), default);

        Framing.Crop(destination, new(0, 0, height, width)).ShouldMatch(Whole(source, Channels), Rounding, "attended");
    }

    private static Tensor Whole(Tensor source, int channels)
    {
        var (height, width) = (source.Size(2), source.Size(3));
        var g = new GraphBuilder("whole");
        var parts = g.Split(g.Input("source", [1, 4 * channels, height, width]), 1, 4);
        var rows = parts.Select(part => g.Transpose(g.Reshape(part, 1, channels, height * width), 0, 2, 1)).ToArray();
        var h = g.Transpose(g.Attention(rows[1], rows[2], rows[3], heads: 1), 0, 2, 1);
        var joined = g.Concat(1, parts[0], g.Reshape(h, 1, channels, height, width));
        using var session = Load(g.Build(("joined", joined)));
        return session.Run(("source", source))["joined"];
    }

    private static NetworkSession Load(Graph graph) =>
        NetworkSession.Create(graph, new Weights(), new EngineOptions { Device = Device.Cpu });
}
