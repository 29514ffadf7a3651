using System.Text.Json;
using DiffBir.Autoencoding;
using DiffBir.Engine;
using DiffBir.Imaging;
using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Planning;
using DiffBir.Restoration;
using DiffBir.Restoration.Stages;
using DiffBir.Tests.Support;
using DiffBir.Tiling;

namespace DiffBir.Tests.EndToEnd;

/// <summary>What size every part of the original works at, for 240 combinations of input, enlargement and tiles.</summary>
public sealed class PipelineSizesTests
{
    private static readonly Dictionary<string, RestorationTask> Tasks = new()
    {
        ["bsrnet"] = RestorationTask.Sr,
        ["scunet"] = RestorationTask.Denoise,
        ["swinir"] = RestorationTask.Face,
    };

    private static readonly ModelPack Pack = PackCatalog.Find("v2");

    [ParityFact]
    public void Every_part_works_at_the_size_at_which_the_original_does()
    {
        var cases = JsonSerializer.Deserialize<JsonElement[]>(
            File.ReadAllText(Parity.PathOf("parity/fixtures/pipeline_sizes.json"))
        )!;

        cases.Length.ShouldBeGreaterThanOrEqualTo(240);
        foreach (var item in cases)
        {
            Sizes(item).ShouldBe(Expected(item), item.GetRawText());
        }
    }

    private static PartSizes Expected(JsonElement item) =>
        new(
            Size(item.GetProperty("cleaner_inputs")[0]),
            Size(item.GetProperty("output")),
            Size(item.GetProperty("vae_input")),
            item.GetProperty("vae_encoder_tiled").GetBoolean(),
            Size(item.GetProperty("unet_inputs")[0]),
            Size(item.GetProperty("vae_decode_input")),
            item.GetProperty("vae_decoder_tiled").GetBoolean()
        );

    private static PartSizes Sizes(JsonElement item)
    {
        var task = Tasks[item.GetProperty("pipeline").GetString()!];
        var source = Pack.Tasks[task].Stage1;
        var tiling = new TilingOptions
        {
            Tile = Asked("cldm_tiled_asked", 512),
            Stage1Tile = Asked("cleaner_tiled", item.GetProperty("cleaner_tile").GetInt32()),
            VaeTile = Asked("vae_encoder_tiled_asked", 256),
            VaeDecoderTile = Asked("vae_decoder_tiled_asked", 256),
            VaeTiling = VaeTiling.Synchronized,
        };
        var lq = Size(item.GetProperty("lq"));
        var upscale = item.GetProperty("upscale").GetDouble();
        var settings = new RestorationOptions
        {
            Task = task,
            Upscale = upscale,
            Tiling = tiling,
        }.Settle(Pack);
        var sizes = RestorationSizes.Of(Pack, settings, new(lq.Height, lq.Width));
        var plan = Pipeline.Of(Pack, settings).Plan(new TilePlanner(settings.Tiling, new MemoryBudget(long.MaxValue)), sizes);
        var input = source.EnlargesFirst && plan[TiledPart.Stage1] is null ? sizes.Clean : sizes.Input;
        using var stage1 = new ImageNetwork(source, new PackFiles(Pack), new EngineOptions());
        var seen = stage1.Grid(input.Height, input.Width, plan[TiledPart.Stage1]).Tiles[0];
        var encoded = EncodingStage.EncodedSize(Pack, plan, sizes);
        var latent = (Height: encoded.Height / 8, Width: encoded.Width / 8);
        return new PartSizes(
            (seen.Height, seen.Width),
            (sizes.Output.Height, sizes.Output.Width),
            (encoded.Height, encoded.Width),
            plan[TiledPart.Encoder] is not null,
            plan[TiledPart.Denoiser] is { } tile
                ? (tile.Side / 8, tile.Side / 8)
                : (Ceiling.Multiple(latent.Height, 8), Ceiling.Multiple(latent.Width, 8)),
            latent,
            plan[TiledPart.Decoder] is not null
        );

        TileChoice Asked(string name, int side) => item.GetProperty(name).GetBoolean() ? TileChoice.Of(side) : TileChoice.Off;
    }

    private static (int Height, int Width) Size(JsonElement pair) => (pair[0].GetInt32(), pair[1].GetInt32());

    private sealed record PartSizes(
        (int, int) Stage1Input,
        (int, int) Output,
        (int, int) Encoded,
        bool EncoderTiled,
        (int, int) DenoiserInput,
        (int, int) Latent,
        bool DecoderTiled
    );
}
