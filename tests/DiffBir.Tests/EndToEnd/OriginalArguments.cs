using System.Text.Json;

namespace DiffBir.Tests.EndToEnd;

/// <summary>Says the original's arguments (both versions of its code) on our command line.</summary>
internal static class OriginalArguments
{
    /// <summary>The command line that reproduces a run of the original.</summary>
    /// <param name="arguments">The original's arguments by name.</param>
    /// <param name="isV20">Whether v2.0.0's code ran, whose guidance works and whose tiling is another.</param>
    public static IEnumerable<string> ToCommandLine(JsonElement arguments, bool isV20)
    {
        foreach (var option in Task())
        {
            yield return option;
        }

        yield return "--upscale=" + Number("upscale");
        yield return "--sampler=" + Text("sampler");
        yield return "--steps=" + Number("steps");
        yield return "--seed=" + Number("seed");
        yield return "--cfg-scale=" + Number("cfg_scale");
        yield return "--prompt"; // an empty prompt is an argument of its own
        yield return Text("pos_prompt");
        yield return "--negative-prompt";
        yield return Text("neg_prompt");
        yield return "--samples=" + Number("n_samples");
        yield return "--batch-size=" + (isV20 ? "1" : Number("batch_size")); // v2.0.0 knows no batches
        yield return "--tile-prompt=whole";
        yield return "--strength=" + Number("strength");
        yield return "--noise-aug=" + Number("noise_aug");
        yield return "--start=" + Start();
        if (Is("rescale_cfg"))
        {
            yield return "--cfg-rescale";
        }

        foreach (var option in SamplerParameters(Text("sampler")).Concat(isV20 ? V20() : V21()))
        {
            yield return option;
        }

        string Text(string name) => arguments.GetProperty(name).GetString()!;
        string Number(string name) => arguments.GetProperty(name).GetRawText();
        bool Is(string name) => arguments.GetProperty(name).GetBoolean();

        // Whole photos with faces: what is around them is restored by the task sr.
        string[] Task() =>
            Text("task") == "unaligned_face" ? ["--task=sr", "--faces", "--strict-original"] : ["--task=" + Text("task")];

        string Start() =>
            arguments.TryGetProperty("better_start", out var isBetter) && isBetter.GetBoolean() ? "low-frequencies"
            : Text("start_point_type") == "cond" ? "condition"
            : "noise";

        // The original takes every parameter with every sampler and ignores those that do not apply.
        IEnumerable<string> SamplerParameters(string sampler)
        {
            if (sampler is "edm_euler" or "edm_heun" or "edm_dpm_2")
            {
                return
                [
                    "--s-churn=" + Number("s_churn"),
                    "--s-tmin=" + Number("s_tmin"),
                    "--s-tmax=" + Number("s_tmax"),
                    "--s-noise=" + Number("s_noise"),
                ];
            }

            return sampler switch
            {
                "edm_lms" => ["--order=" + Number("order")],
                "spaced" or "ddim" or "dpm++_m2" or "edm_dpm++_2m" => [],
                _ => ["--eta=" + Number("eta"), "--s-noise=" + Number("s_noise")], // the ancestral and stochastic ones
            };
        }

        // One switch, which leaves stage 1 whole and blends the autoencoder's tiles.
        IEnumerable<string> V20()
        {
            yield return Is("tiled") ? "--tile=" + Number("tile_size") : "--tile=off";
            yield return "--tile-stride=" + Number("tile_stride");
            yield return "--stage1-tile=off";
            yield return "--vae-tiling=blended";
            yield return "--guidance-scale=" + (Is("guidance") ? Number("g_scale") : "0");
            yield return "--guidance=" + Text("g_loss").Replace('_', '-');
            yield return "--guidance-space=" + Text("g_space");
            yield return "--guidance-start=" + Number("g_start");
            yield return "--guidance-stop=" + Number("g_stop");
            yield return "--guidance-repeat=" + Number("g_repeat");
        }

        // A switch for each part; guidance is loaded and ignored (docs/quirks.md).
        IEnumerable<string> V21()
        {
            yield return Is("cldm_tiled") ? "--tile=" + Number("cldm_tile_size") : "--tile=off";
            yield return "--tile-stride=" + Number("cldm_tile_stride");
            yield return "--stage1-tile=" + (Is("cleaner_tiled") ? Number("cleaner_tile_size") : "off");
            yield return "--vae-tile=" + (Is("vae_encoder_tiled") ? Number("vae_encoder_tile_size") : "off");
            yield return "--vae-decoder-tile=" + (Is("vae_decoder_tiled") ? Number("vae_decoder_tile_size") : "off");
            yield return "--vae-tiling=synchronized";
        }
    }
}
