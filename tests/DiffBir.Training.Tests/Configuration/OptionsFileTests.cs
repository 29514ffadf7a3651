using DiffBir.Degradation;
using DiffBir.Training.Configuration;
using DiffBir.Training.Tests.Support;

namespace DiffBir.Training.Tests.Configuration;

public sealed class OptionsFileTests
{
    [Theory]
    [InlineData("""{ "stepz": 3 }""", "stepz")]
    [InlineData("""{ "steps": 0 }""", "steps must be 1 or more, got 0")]
    [InlineData("""{ "steps": "many" }""", "$.steps")]
    [InlineData("""{ "data": { "batch": 0 } }""", "data.batch must be 1 or more, got 0")]
    [InlineData("""{ "optimizer": { "learningRate": -1 } }""", "optimizer.learningRate must be greater than 0, got -1")]
    [InlineData("""{ "optimizer": { "schedule": "wavy" } }""", "optimizer.schedule")]
    [InlineData("""{ "degradations": [] }""", "degradations must name at least one family")]
    [InlineData("""{ "network": { "kind": "magic", "file": "stage1" } }""", "network")]
    [InlineData("""{ "degradations": [{ "weight": 1 }] }""", "must name either a family")]
    [InlineData(
        """{ "degradations": [{ "family": "codeFormer", "ranges": { "family": "independent" } }] }""",
        "must name either a family"
    )]
    [InlineData("""{ "degradations": [{ "ranges": { "family": "independent", "jpegQuality": [90, 30] } }] }""", "JpegQuality")]
    [InlineData("""{ "degradations": [{ "family": "codeFormer", "weight": 0 }] }""", "weights greater than 0, got 0")]
    [InlineData("""{ "degradations": [{ "family": "rain" }] }""", "must be one of codeformer, realesrgan, got rain")]
    [InlineData("""{ "data": { "margin": -1 } }""", "data.margin must be 0 or more, got -1")]
    [InlineData("null", "is empty")]
    public void What_is_wrong_with_a_configuration_is_said(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("config.json");
        File.WriteAllText(file, json);

        Should.Throw<DiffBirException>(() => OptionsFile.Read<Stage1Options>(file)).Message.ShouldContain(expected);
    }

    [Fact]
    public void Fields_can_have_other_values_than_in_the_file()
    {
        var read = Changed(
            """{ "optimizer": { "learningrate": 1 }, "degradations": [{ "family": "codeFormer", "weight": 1 }] /* two */ }""",
            "optimizer.learningRate=1e-4",
            "data.batch=3",
            "optimizer.schedule=cosine",
            "degradations.0.weight=2"
        );

        read.Optimizer.LearningRate.ShouldBe(1e-4);
        read.Optimizer.Schedule.ToString().ShouldBe("Cosine");
        read.Data.Batch.ShouldBe(3);
        read.Degradations.ShouldHaveSingleItem().Weight.ShouldBe(2);
    }

    [Theory]
    [InlineData("steps", "\"steps\" changes no field; name the field and its value")]
    [InlineData("=3", "changes no field")]
    [InlineData("optimizer..learningRate=3", "changes no field")]
    [InlineData("stepz=3", "stepz")]
    [InlineData("steps=0", "steps must be 1 or more, got 0")]
    [InlineData("steps.many=3", "$.steps")]
    [InlineData("degradations.4.weight=3", "degradations.4.weight leads nowhere in the configuration")]
    public void What_is_wrong_with_a_change_is_said(string change, string expected) =>
        Should
            .Throw<DiffBirException>(() => Changed("""{ "degradations": [{ "family": "codeFormer" }] }""", change))
            .Message.ShouldContain(expected);

    private static Stage1Options Changed(string json, params string[] changes)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("config.json");
        File.WriteAllText(file, json);
        return OptionsFile.Read<Stage1Options>(file, changes: changes);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2.5)]
    [InlineData(16)]
    public void A_shrink_without_whole_pixels_is_refused_by_every_task_that_degrades(double shrink)
    {
        DegradationChoice[] choices = [new() { Ranges = new IndependentDegradation { Shrink = shrink } }];
        var data = new DataOptions { Crop = 24 };
        TrainingOptions[] tasks =
        [
            TinyRuns.Stage1 with
            {
                Degradations = choices,
                Data = data,
            },
            TinyRuns.Stage2 with
            {
                Degradations = choices,
                Data = data,
            },
            TinyRuns.Turbo with
            {
                Degradations = choices,
                Data = data,
            },
        ];

        foreach (var options in tasks)
        {
            Should.Throw<DiffBirException>(options.Validate).Message.ShouldContain("each shrink of degradations must be");
        }
    }

    [Fact]
    public void A_teacher_that_cannot_be_meant_is_refused()
    {
        var teacher = TinyRuns.Turbo.Teacher! with { TrueColors = 5, MaxLoss = double.NaN };

        var message = Should.Throw<DiffBirException>((TinyRuns.Turbo with { Teacher = teacher }).Validate).Message;

        message.ShouldContain("teacher.trueColors must be 1 or more and divide data.crop, got 5 and 32");
        message.ShouldContain("teacher.maxLoss must be a number");
    }

    [Fact]
    public void A_teacher_is_a_network_or_a_pack()
    {
        var pack = new TeacherPackOptions { Name = "v2", Steps = 0 };
        string Of(TeacherOptions teacher) =>
            Should.Throw<DiffBirException>((TinyRuns.Turbo with { Teacher = teacher }).Validate).Message;

        Of(new TeacherOptions()).ShouldContain("teacher must have either a path, of a network that enlarges, or a pack");
        Of(TinyRuns.Turbo.Teacher! with { Pack = pack }).ShouldContain("teacher must have either a path");
        Of(new TeacherOptions { Pack = pack }).ShouldContain("teacher.pack.steps must be 1 or more, got 0");
    }

    [Fact]
    public void An_adversary_that_cannot_be_meant_is_refused()
    {
        var adversary = new AdversaryOptions
        {
            Channels = 24,
            Weight = -1,
            Rate = 0,
        };
        var options = TinyRuns.Turbo with { Adversary = adversary, Data = TinyRuns.Turbo.Data with { Crop = 36 } };

        var message = Should.Throw<DiffBirException>(options.Validate).Message;

        message.ShouldContain("adversary.channels must be a multiple of 16 from 16 to");
        message.ShouldContain("adversary.weight and featureWeight must be 0 or more, got -1 and 0.5");
        message.ShouldContain("adversary.rate must be greater than 0, got 0");
        message.ShouldContain("data.crop must be a multiple of 8 with an adversary, got 36");
    }

    [Fact]
    public void A_crop_that_the_autoencoder_cannot_halve_is_refused()
    {
        var options = TinyRuns.Vae with { Data = new DataOptions { Crop = 30 } };

        Should.Throw<DiffBirException>(options.Validate).Message.ShouldContain("multiples of 4");
    }

    [Fact]
    public void Options_survive_writing_and_reading()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("config.json");
        File.WriteAllText(file, OptionsFile.Write(TinyRuns.Stage2));

        var read = OptionsFile.Read<Stage2Options>(file);

        OptionsFile.Write(read).ShouldBe(OptionsFile.Write(TinyRuns.Stage2));
    }

    [Fact]
    public void Every_configuration_that_ships_can_be_used()
    {
        var folder = Path.Combine(Root(), "configs");
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            TrainingOptions options = name switch
            {
                _ when name.StartsWith("stage1", StringComparison.Ordinal) => OptionsFile.Read<Stage1Options>(file),
                _ when name.StartsWith("stage2", StringComparison.Ordinal) => OptionsFile.Read<Stage2Options>(file),
                "vae" => OptionsFile.Read<VaeOptions>(file),
                "prior" => OptionsFile.Read<PriorOptions>(file),
                _ when name.StartsWith("turbo", StringComparison.Ordinal) => OptionsFile.Read<TurboOptions>(file),
                _ => throw new InvalidOperationException($"No task reads {file}."),
            };
            options.Steps.ShouldBeGreaterThan(0);
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DiffBir.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
