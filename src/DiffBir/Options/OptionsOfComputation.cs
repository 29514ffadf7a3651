using DiffBir.Autoencoding;
using DiffBir.Engine;

namespace DiffBir.Options;

/// <summary>What the computation may use.</summary>
internal static class OptionsOfComputation
{
    private static readonly TileFormat TileSide = new();

    public static RestorationOption[] All() =>
        [
            Knob.Tiling(
                "max-memory",
                new MemoryFormat(least: 256_000_000),
                tiling => tiling.MaxMemory,
                (tiling, value) => tiling with { MaxMemory = value },
                "How much memory may be used, such as 6GB or 800MB.",
                "what the machine has free"
            ),
            Knob.Tiling(
                "tile",
                TileSide,
                tiling => tiling.Tile,
                (tiling, value) => tiling with { Tile = value },
                "Cuts large photos to fit into memory: auto, off, or a tile's side in pixels, a multiple of 64."
            ),
            Knob.Tiling(
                "tile-stride",
                new NumberFormat<int>(8, multiple: 8),
                tiling => tiling.Stride,
                (tiling, value) => tiling with { Stride = value },
                "The step from tile to tile in pixels.",
                "half a tile"
            ),
            Knob.Tiling(
                "stage1-tile",
                TileSide,
                tiling => tiling.Stage1Tile,
                (tiling, value) => tiling with { Stage1Tile = value },
                "The tile of stage 1, if it differs."
            ),
            Knob.Tiling(
                "vae-tile",
                TileSide,
                tiling => tiling.VaeTile,
                (tiling, value) => tiling with { VaeTile = value },
                "The tile of the autoencoder, if it differs."
            ),
            Knob.Tiling(
                "vae-decoder-tile",
                TileSide,
                tiling => tiling.VaeDecoderTile,
                (tiling, value) => tiling with { VaeDecoderTile = value },
                "The tile of the autoencoder's decoder, if it differs from the encoder's."
            ),
            Knob.Tiling(
                "vae-tiling",
                new ChoiceFormat<VaeTiling>(
                    ("exact", VaeTiling.Exact),
                    ("synchronised", VaeTiling.Synchronised),
                    ("blended", VaeTiling.Blended)
                ),
                tiling => tiling.VaeTiling,
                (tiling, value) => tiling with { VaeTiling = value },
                "How the autoencoder's tiles are joined: exact, or as the original's v2.1 (synchronised) and v2.0 (blended) did."
            ),
            Knob.Tiling(
                "tile-prompt",
                new ChoiceFormat<TilePrompt>(("quality", TilePrompt.Quality), ("whole", TilePrompt.Whole)),
                tiling => tiling.Prompt,
                (tiling, value) => tiling with { Prompt = value },
                "What the tiles of a large photo are told to show: quality (only to look good) or whole (the prompt; what it names may then appear in every tile)."
            ),
            Knob.Engine(
                "device",
                new ChoiceFormat<Device>(
                    ("auto", Device.Auto),
                    ("cpu", Device.Cpu),
                    ("cuda", Device.Cuda),
                    ("directml", Device.DirectMl),
                    ("coreml", Device.CoreMl),
                    ("openvino", Device.OpenVino)
                ),
                engine => engine.Device,
                (engine, value) => engine with { Device = value },
                "What computes: auto, cpu, cuda, directml, coreml or openvino."
            ),
            Knob.Engine(
                "precision",
                new ChoiceFormat<Precision>(("fp32", Precision.Float32), ("fp16", Precision.Float16)),
                engine => engine.Precision,
                (engine, value) => engine with { Precision = value },
                "The number format; fp16 halves the memory on GPUs."
            ),
            Knob.Engine(
                "threads",
                new NumberFormat<int>(0),
                engine => engine.Threads,
                (engine, value) => engine with { Threads = value },
                "Threads on the processor; 0: one for each core."
            ),
        ];
}
