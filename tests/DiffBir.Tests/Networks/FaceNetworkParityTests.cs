using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Networks;
using DiffBir.Packs;
using DiffBir.Tests.Faces;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Networks;

/// <summary>Networks that find faces and their parts, on small files of the official layout.</summary>
public sealed class FaceNetworkParityTests
{
    // Of the largest value: folding norms into convolutions moves values by 6e-6 of it.
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Pictures => ["even", "odd", "tiny"];

    [ParityTheory]
    [MemberData(nameof(Pictures))]
    public void RetinaFace_gives_the_originals_boxes_scores_and_landmarks(string picture)
    {
        var fixture = FaceFixtures.Open("retinaface");
        var shape = fixture.Shape($"{picture}/image");
        var config = Recovered<RetinaFaceConfig>("detection_Resnet50_Final.pth", out var checkpoint);
        using var session = NetworkSession.Create(
            RetinaFace.Build(config, shape[0], shape[1]),
            Weights.From(checkpoint),
            new EngineOptions()
        );

        var outputs = session.Run(("image", LessTheMeans(fixture.Picture($"{picture}/image"))));

        ShouldMatch(outputs["boxes"], fixture[$"{picture}/loc"], "boxes");
        ShouldMatch(outputs["logits"], fixture[$"{picture}/logits"], "logits");
        ShouldMatch(outputs["landmarks"], fixture[$"{picture}/landms"], "landmarks");
    }

    [ParityFact]
    public void ParseNet_gives_the_originals_logits()
    {
        var fixture = FaceFixtures.Open("parsenet");
        var config = Recovered<ParseNetConfig>("parsing_parsenet.pth", out var checkpoint);
        using var session = NetworkSession.Create(ParseNet.Build(config, 64, 96), Weights.From(checkpoint), new EngineOptions());

        ShouldMatch(session.Run(("face", fixture["small/input"]))["logits"], fixture["small/logits"], "logits");
    }

    [ParityFact]
    public void Sizes_are_recovered_from_the_weights()
    {
        var detector = Recovered<RetinaFaceConfig>("detection_Resnet50_Final.pth", out _);

        Architecture.AreSame(detector, new RetinaFaceConfig { Planes = 8, Width = 72 }).ShouldBeTrue();
        Recovered<ParseNetConfig>("parsing_parsenet.pth", out _).ShouldBe(new ParseNetConfig { Channels = 8, MaxChannels = 32 });
    }

    [ParityTheory]
    [InlineData("detection_Resnet50_Final.pth", "RetinaFace")]
    [InlineData("parsing_parsenet.pth", "ParseNet")]
    public void An_official_file_is_recognized_and_nothing_in_it_is_missing_or_unexpected(string file, string kind)
    {
        var checkpoint = Open(file);

        var report = CheckpointInspector.Inspect(checkpoint);

        var network = report.Networks.ShouldHaveSingleItem();
        network.Kind.ShouldBe(kind);
        network.IsComplete.ShouldBeTrue();
        report.Unexpected.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(64, false)]
    [InlineData(68, true)]
    public void Pyramids_of_at_most_64_channels_let_some_of_the_negative_through(int width, bool isRelu)
    {
        var graph = RetinaFace.Build(new RetinaFaceConfig { Planes = 4, Width = width }, 64, 64);

        graph.Nodes.Any(node => node.Operation is LeakyRelu).ShouldBe(!isRelu);
    }

    private static TConfig Recovered<TConfig>(string file, out Checkpoint checkpoint)
    {
        checkpoint = Open(file);
        return (TConfig)CheckpointInspector.Inspect(checkpoint).Networks.Single().Sizes;
    }

    private static Checkpoint Open(string file) => Checkpoint.Open(FaceFixtures.PathOf($"weights/{file}"));

    /// <summary>0 … 255 less the means that the detector was trained with, in the original's order.</summary>
    private static Tensor LessTheMeans(Tensor picture)
    {
        float[] means = [104, 117, 123];
        var result = new Tensor(picture.Shape);
        for (var i = 0; i < result.Length; i++)
        {
            result.Data[i] = MathF.Round(255 * picture.Data[i]) - means[i / (result.Length / 3)];
        }

        return result;
    }

    private static void ShouldMatch(Tensor actual, Tensor expected, string name) =>
        actual.ShouldBeCloseTo(expected, Tolerance * expected.Data.Max(Math.Abs), name);
}
