using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DiffBir.Options;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Api;

public sealed class CatalogTests(SharedServer server) : IClassFixture<SharedServer>
{
    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "task", "party", "denoise" },
            { "upscale", "1000", "from 0.1 to 64" },
            { "upscale", "1,5", "a number such as 1.5" },
            { "upscale", "NaN", "from 0.1 to 64" },
            { "steps", "0", "from 1 to 1000" },
            { "steps", "99999999999999999999", "a whole number" },
            { "guidance-scale", "-1", "from 0 to 1000" },
            { "stage1-only", "perhaps", "true or false" },
            { "quality", "101", "from 1 to 100" },
            { "format", "bmp", "webp" },
            { "sampler", "magic", "spaced" },
            { "eta", "0.5", "edm_euler_a" },
            { "guidance-stop", "2000", "below the start" },
            { "prompt", new string('x', 3000), "at most 2000" },
            { "model", "../../etc", "tiny" },
            { "tile", "off", "There is no option" },
            { "max-memory", "100GB", "There is no option" },
            { "threads", "64", "There is no option" },
            { "device", "cuda", "There is no option" },
            { "samples", "5", "There is no option" },
            { "color", "red", "There is no option" },
            { "strict-original", "true", "There is no option" },
            { "face-cascade", "/etc/passwd", "There is no option" },
            { "face-landmarks", "[[1, 2]]", "five points" },
            { "face-landmarks", "eyes", "five points" },
            { "background", "none", "Let them be found" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_option_is_named_and_what_would_be_right(string name, string value, string remedy)
    {
        var bench = server.Bench;

        using var response = await bench.PostAsync((name, value));

        var detail = await response.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "option-invalid");
        detail.ShouldContain(remedy);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("option").GetString().ShouldBe(name);
        bench.Files().ShouldNotContain(path => path.StartsWith("incoming/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_task_that_the_model_cannot_do_says_what_it_can()
    {
        var bench = server.Bench;

        using var response = await bench.PostAsync(("task", "face"));

        (await response.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "option-invalid")).ShouldContain("sr, denoise");
    }

    [Fact]
    public async Task The_options_are_those_of_the_command_line_with_their_ranges_and_defaults()
    {
        var bench = server.Bench;

        var form = await bench.Http.GetFromJsonAsync<JsonElement>("/api/options");

        var options = form.GetProperty("options")
            .EnumerateArray()
            .ToDictionary(option => option.GetProperty("name").GetString()!);
        foreach (var (name, option) in options)
        {
            var entry = OptionCatalog.Find(name);
            option.GetProperty("help").GetString().ShouldBe(entry.Help);
            option.GetProperty("type").GetString().ShouldBe(entry.Format.Kind);
            option.GetProperty("group").GetString().ShouldBe(entry.Group.Key());
            option.GetProperty("default").ToString().ShouldBe(entry.Default ?? "", StringCompareShould.IgnoreCase);
        }

        options
            .Keys.Order()
            .ShouldBe(
                OptionCatalog
                    .All.Where(option => option.Group != OptionGroup.Computation)
                    .Select(option => option.Name)
                    .Except(["samples", "batch-size", "strict-original", "face-cascade"])
                    .Order()
            );
        options["upscale"].GetProperty("maximum").GetDouble().ShouldBe(64);
        options["cfg-rescale"].GetProperty("default").GetBoolean().ShouldBeFalse();
        options["eta"]
            .GetProperty("appliesTo")
            .GetProperty("sampler")
            .EnumerateArray()
            .Select(sampler => sampler.GetString())
            .ShouldContain("edm_euler_a");
        form.GetProperty("limits").GetProperty("maxBytes").GetInt64().ShouldBe(50_000_000);
        form.GetProperty("formats")
            .EnumerateArray()
            .Select(format => format.GetString())
            .ShouldBe(["png", "jpg", "webp", "tiff", "avif", "gif"]);
    }

    [Fact]
    public async Task Every_default_of_the_options_is_itself_accepted()
    {
        var bench = server.Bench;
        var form = await bench.Http.GetFromJsonAsync<JsonElement>("/api/options");
        (string, string)[] defaults =
        [
            .. form.GetProperty("options")
                .EnumerateArray()
                .Where(option => option.GetProperty("default").ValueKind != JsonValueKind.Null)
                .Select(option =>
                    (option.GetProperty("name").GetString()!, option.GetProperty("default").ToString().ToLowerInvariant())
                ),
        ];

        var job = await bench.EndOfAsync(await bench.CreateAsync(defaults));

        job.GetProperty("state").GetString().ShouldBe("done", job.GetRawText());
    }

    [Fact]
    public async Task Models_say_what_is_here_and_what_is_missing()
    {
        var bench = server.Bench;

        var models = (await bench.Http.GetFromJsonAsync<JsonElement>("/api/models"))
            .EnumerateArray()
            .ToDictionary(model => model.GetProperty("name").GetString()!);

        var tiny = models["tiny"];
        tiny.GetProperty("isDefault").GetBoolean().ShouldBeTrue();
        tiny.GetProperty("available").GetBoolean().ShouldBeTrue();
        tiny.GetProperty("tasks").EnumerateArray().Select(task => task.GetString()).ShouldBe(["sr", "denoise"]);
        tiny.GetProperty("tasksDiffer").GetBoolean().ShouldBeFalse();
        tiny.GetProperty("defaults").GetProperty("upscale").GetDouble().ShouldBe(2);
        tiny.GetProperty("defaults").GetProperty("start").GetString().ShouldBe("noise");
        tiny.GetProperty("regenerates").GetBoolean().ShouldBeTrue();
        var mini = models["mini"];
        mini.GetProperty("regenerates").GetBoolean().ShouldBeTrue();
        mini.GetProperty("defaults").GetProperty("start").GetString().ShouldBe("condition");
        mini.GetProperty("defaults").GetProperty("strongestGuidance").GetDouble().ShouldBe(100);
        models["v2"].GetProperty("available").GetBoolean().ShouldBeFalse();
        models["v2"].GetProperty("tasksDiffer").GetBoolean().ShouldBeTrue();
        models["realesrgan"].GetProperty("tasksDiffer").GetBoolean().ShouldBeFalse();
        Unused("v2").ShouldContain("pixel-scale");
        Unused("v2").ShouldNotContain("steps");
        Unused("hypir").ShouldContain("steps");
        Unused("hypir").ShouldContain("guidance-scale");
        Unused("hypir").ShouldNotContain("prompt");
        Unused("pisa-sr").ShouldContain("prompt");
        Unused("pisa-sr").ShouldNotContain("guidance-scale");
        Unused("osediff").ShouldContain("semantic-scale");
        models["hypir"].GetProperty("license").GetString()!.ShouldContain("non-commercial");
        models["v2"].GetProperty("missing").EnumerateArray().Select(file => file.GetString()).ShouldContain("v2.pth");

        string?[] Unused(string name) =>
            [.. models[name].GetProperty("withoutEffect").EnumerateArray().Select(option => option.GetString())];
    }

    [Fact]
    public async Task A_model_whose_files_are_missing_says_how_to_get_them()
    {
        var bench = server.Bench;

        using var response = await bench.PostAsync(("model", "v2"));

        var detail = await response.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "model-unavailable");
        detail.ShouldContain("v2.pth");
        detail.ShouldContain("diffbir models pull v2`.");
    }

    [Fact]
    public async Task Without_its_model_the_server_starts_and_says_what_is_missing()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { Model = "v2" });

        using var ready = await bench.Http.GetAsync("/health/ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync()).ShouldContain("v2.pth");
        (await bench.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var refused = await bench.PostAsync();
        await refused.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "model-unavailable");
    }

    [Fact]
    public async Task With_its_model_the_server_is_ready()
    {
        var bench = server.Bench;

        using var ready = await bench.Http.GetAsync("/health/ready");

        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Samples_are_those_of_the_list_that_can_be_used()
    {
        using var folder = new TemporaryFolder();
        folder.Write("house.png", ServerBench.Picture(32));
        folder.Write("broken.png", [1, 2, 3]);
        folder.Write(
            "samples.json",
            """
            [
                {"file": "house.png", "title": "A house", "task": "sr", "upscale": 2, "license": "CC0"},
                {"file": "broken.png", "title": "Broken", "task": "sr", "upscale": 2, "license": "CC0"},
                {"file": "../jobs.db", "title": "Outside", "task": "sr", "upscale": 2, "license": "CC0"}
            ]
            """u8
        );
        await using var bench = await ServerBench.StartAsync(options => options with { SamplesFolder = folder.Path });

        var sample = (await bench.Http.GetFromJsonAsync<JsonElement>("/api/samples")).EnumerateArray().ShouldHaveSingleItem();

        sample.GetProperty("title").GetString().ShouldBe("A house");
        sample.GetProperty("width").GetInt32().ShouldBe(32);
        using var image = await bench.Http.GetAsync(sample.GetProperty("url").GetString());
        image.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
    }

    [Fact]
    public async Task Without_samples_the_list_is_empty()
    {
        var bench = server.Bench;

        (await bench.Http.GetStringAsync("/api/samples")).ShouldBe("[]");
    }

    [Fact]
    public async Task The_description_of_the_api_is_as_approved()
    {
        var bench = server.Bench;

        (await bench.Http.GetStringAsync("/openapi/v1.json")).ShouldBeApproved("openapi-v1");
    }
}
