using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DiffBir.Imaging;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Api;

/// <summary>Faces in whole photos: found, chosen, restored by themselves.</summary>
public sealed class FacesTests
{
    private const int Side = 96;
    private const string Landmarks =
        "[[[24, 40], [40, 40], [32, 49], [25, 57], [39, 57]], [[66, 40], [76, 41], [71, 46], [67, 51], [75, 51]]]";

    // One stump whose stage no window passes.
    private const string CascadeOfNothing = """
        <?xml version="1.0"?>
        <opencv_storage><cascade type_id="opencv-cascade-classifier"><stageType>BOOST</stageType>
        <featureType>HAAR</featureType><height>20</height><width>20</width><stageNum>1</stageNum>
        <stages><_><stageThreshold>9.</stageThreshold><weakClassifiers><_>
        <internalNodes>0 -1 0 0.</internalNodes><leafValues>-1. 1.</leafValues>
        </_></weakClassifiers></_></stages>
        <features><_><rects><_>0 0 20 20 1.</_></rects></_></features>
        </cascade></opencv_storage>
        """;

    private static readonly (string, string)[] Mini = [("model", "mini"), ("stage1-only", "true"), ("upscale", "1")];

    [Fact]
    public async Task Faces_that_were_marked_are_restored_by_themselves_and_can_be_looked_at()
    {
        await using var bench = await ServerBench.StartAsync();

        var plain = await ResultAsync(bench, await bench.CreateAsync(Photo(Mini)));
        var id = await bench.CreateAsync(Photo([.. Mini, ("face-landmarks", Landmarks)]));
        var marked = await ResultAsync(bench, id);

        var job = await bench.JobAsync(id);
        job.GetProperty("faces").GetInt32().ShouldBe(2);
        job.GetProperty("facesFoundBy").GetString().ShouldBe("user");
        foreach (var face in (string[])["1/before", "1/after", "2/before", "2/after"])
        {
            using var file = await bench.Http.GetStreamAsync($"/api/restorations/{id}/faces/{face}");
            using var memory = new MemoryStream();
            await file.CopyToAsync(memory);
            memory.Position = 0;
            var info = ImageFile.Inspect(memory, face);
            (info.Width, info.Height, info.Format).ShouldBe((512, 512, ImageFormat.Png));
        }

        marked.ShouldNotBe(plain);
        foreach (var none in (string[])["0/before", "3/after", "1/between"])
        {
            using var response = await bench.Http.GetAsync($"/api/restorations/{id}/faces/{none}");
            await response.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
        }
    }

    [Fact]
    public async Task A_photo_whose_faces_are_all_switched_off_is_restored_like_any_other()
    {
        await using var bench = await ServerBench.StartAsync();

        var id = await bench.CreateAsync(Photo(Mini));
        var plain = await ResultAsync(bench, id);
        (await bench.JobAsync(id)).GetProperty("facesFoundBy").ValueKind.ShouldBe(JsonValueKind.Null);
        var none = await ResultAsync(bench, await bench.CreateAsync(Photo([.. Mini, ("face-landmarks", "[]")])));

        none.ShouldBe(plain);
    }

    [Fact]
    public async Task Without_the_files_that_find_faces_they_must_be_marked()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { FaceCascade = "off" });

        var form = await bench.Http.GetFromJsonAsync<JsonElement>("/api/options");
        using var found = await bench.Http.PostAsync("/api/faces", Photo());
        using var asked = await bench.PostAsync(Photo([.. Mini, ("faces", "true")]));

        form.GetProperty("findsFaces").GetBoolean().ShouldBeFalse();
        (await found.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "model-unavailable")).ShouldContain("face-landmarks");
        (await asked.ShouldBeErrorAsync(HttpStatusCode.ServiceUnavailable, "model-unavailable")).ShouldContain(
            "diffbir models pull faces"
        );
        bench.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_without_the_task_of_faces_says_so()
    {
        await using var bench = await ServerBench.StartAsync();

        using var response = await bench.PostAsync(Photo(("face-landmarks", Landmarks)));

        (await response.ShouldBeErrorAsync(HttpStatusCode.BadRequest, "option-invalid")).ShouldContain("sr, denoise");
    }

    [Fact]
    public async Task Cascades_are_named_as_what_found_the_faces_and_read_once()
    {
        var cascade = CascadesOfNothing();
        await using var bench = await ServerBench.StartAsync(options => options with { FaceCascade = cascade });

        using var first = await bench.Http.PostAsync("/api/faces", Photo());
        await File.WriteAllTextAsync(cascade, "no cascade any more");
        using var second = await bench.Http.PostAsync("/api/faces", Photo());

        foreach (var response in (HttpResponseMessage[])[first, second])
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            var found = await response.Content.ReadFromJsonAsync<JsonElement>();
            found.GetProperty("foundBy").GetString().ShouldBe("cascades");
            found.GetProperty("faces").GetArrayLength().ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_result_names_cascades_as_what_found_its_faces()
    {
        var cascade = CascadesOfNothing();
        await using var bench = await ServerBench.StartAsync(options => options with { FaceCascade = cascade });

        var job = await bench.EndOfAsync(await bench.CreateAsync(Photo([.. Mini, ("faces", "true")])));

        job.GetProperty("state").GetString().ShouldBe("done", job.ToString());
        job.GetProperty("facesFoundBy").GetString().ShouldBe("cascades");
    }

    [ParityFact]
    public async Task Faces_are_found_as_the_original_finds_them_and_nothing_of_the_photo_is_kept()
    {
        await using var bench = await StartWithDetectorAsync();
        var photo = await File.ReadAllBytesAsync(Parity.PathOf("parity/faces/cases/short/input.png"));

        using var response = await bench.Http.PostAsync("/api/faces", ServerBench.Form(photo));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var found = await response.Content.ReadFromJsonAsync<JsonElement>();
        (found.GetProperty("width").GetInt32(), found.GetProperty("height").GetInt32()).ShouldBe((150, 112));
        found.GetProperty("foundBy").GetString().ShouldBe("network");
        var face = found.GetProperty("faces").EnumerateArray().ShouldHaveSingleItem();
        var box = face.GetProperty("box").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        foreach (var point in face.GetProperty("landmarks").EnumerateArray())
        {
            point[0].GetDouble().ShouldBeInRange(box[0], box[2]);
            point[1].GetDouble().ShouldBeInRange(box[1], box[3]);
        }

        bench.Files().ShouldBeEmpty();
    }

    [ParityFact]
    public async Task Faces_that_are_found_are_restored_one_by_one_and_progress_counts_them()
    {
        await using var bench = await StartWithDetectorAsync();
        var photo = await File.ReadAllBytesAsync(Parity.PathOf("parity/faces/cases/short/input.png"));

        var id = await bench.CreateAsync(ServerBench.Form(photo, fields: [.. Mini, ("faces", "true"), ("background", "none")]));

        var running = await bench.WaitAsync(
            id,
            job =>
                job.GetProperty("progress") is { ValueKind: JsonValueKind.Object } progress
                && progress.GetProperty("faces").GetInt32() == 1
        );
        running.GetProperty("progress").GetProperty("face").GetInt32().ShouldBe(1);
        var done = await bench.EndOfAsync(id);
        done.GetProperty("state").GetString().ShouldBe("done", done.ToString());
        done.GetProperty("faces").GetInt32().ShouldBe(1);
        done.GetProperty("facesFoundBy").GetString().ShouldBe("network");
    }

    /// <summary>Cascades under OpenCV's names in a folder that the test run deletes; the file for faces.</summary>
    private static string CascadesOfNothing()
    {
        var folder = Directory.CreateTempSubdirectory("diffbir-test-cascades-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        File.WriteAllText(Path.Combine(folder, "haarcascade_eye.xml"), CascadeOfNothing);
        var faces = Path.Combine(folder, "haarcascade_frontalface_alt2.xml");
        File.WriteAllText(faces, CascadeOfNothing);
        return faces;
    }

    private static Task<ServerBench> StartWithDetectorAsync() =>
        ServerBench.StartAsync(options => options with { WeightsFolders = [Parity.PathOf("parity/faces/weights")] });

    private static MultipartFormDataContent Photo(params (string, string)[] fields) =>
        ServerBench.Form(ServerBench.Picture(Side), fields: fields);

    private static async Task<string> ResultAsync(ServerBench bench, string id)
    {
        var job = await bench.EndOfAsync(id);
        job.GetProperty("state").GetString().ShouldBe("done", job.ToString());
        return Convert.ToHexString(await bench.Http.GetByteArrayAsync($"/api/restorations/{id}/result"));
    }
}
