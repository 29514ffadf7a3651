using DiffBir.Checkpoints;
using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Planning;
using DiffBir.Tiling;

namespace DiffBir.Tests.Planning;

public sealed class MemoryBackoffTests
{
    private static readonly TilePlan Whole = TilePlan.None.With(TiledPart.Stage1, tiles: null, whole: 1024);

    [Fact]
    public void A_failed_allocation_halves_the_tile_until_the_work_succeeds()
    {
        var decisions = new List<string>();
        var backoff = new MemoryBackoff(Whole, decisions.Add);

        backoff.Run(
            TiledPart.Stage1,
            plan =>
            {
                if (plan.SideOf(TiledPart.Stage1) > 256)
                {
                    throw OutOfMemory();
                }
            }
        );

        backoff.Plan[TiledPart.Stage1].ShouldBe(new TileSize(256, 128));
        decisions.Count.ShouldBe(2);
        decisions[0].ShouldContain("tiles of 512 pixels");
    }

    [Fact]
    public void Where_even_the_smallest_tiles_do_not_fit_the_remedy_is_said()
    {
        var backoff = new MemoryBackoff(Whole, onDecision: null);

        var exception = Should.Throw<EngineException>(() => backoff.Run(TiledPart.Stage1, _ => throw OutOfMemory()));

        exception.Message.ShouldContain("not enough memory for stage 1");
        exception.Message.ShouldContain("Close other programs");
    }

    [Fact]
    public void Other_failures_are_not_tried_again()
    {
        var calls = 0;
        var backoff = new MemoryBackoff(Whole, onDecision: null);

        Should.Throw<EngineException>(() =>
            backoff.Run(
                TiledPart.Stage1,
                _ =>
                {
                    calls++;
                    throw new EngineException("broken");
                }
            )
        );

        calls.ShouldBe(1);
    }

    [Fact]
    public void What_has_no_tiles_is_not_tried_again()
    {
        var calls = 0;
        var backoff = new MemoryBackoff(Whole, onDecision: null);

        Should
            .Throw<EngineException>(() =>
                backoff.Run(
                    part: null,
                    _ =>
                    {
                        calls++;
                        throw OutOfMemory();
                    }
                )
            )
            .IsOutOfMemory.ShouldBeTrue();

        calls.ShouldBe(1);
    }

    [Fact]
    public void A_failed_allocation_of_the_runtime_is_recognized()
    {
        const int Side = 1 << 20; // a product of 4 TiB
        var g = new GraphBuilder("giant");
        var (column, row) = (g.Input("column", [Side, 1]), g.Input("row", [1, Side]));
        var graph = g.Build(("sum", g.Sum(g.Mul(column, row), 0, 1)));
        using var session = NetworkSession.Create(graph, new Weights(), new EngineOptions { Device = Device.Cpu });

        var exception = Should.Throw<EngineException>(() =>
            session.Run(("column", new Tensor(Side, 1)), ("row", new Tensor(1, Side)))
        );

        exception.IsOutOfMemory.ShouldBeTrue();
        exception.Message.ShouldContain("giant");
    }

    [Theory]
    [InlineData("Available memory of 0 is smaller than requested bytes of 2048")] // an arena at its limit
    [InlineData("CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size)")]
    [InlineData("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&handle)")]
    [InlineData("CUDNN failure 4002: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0")]
    public void A_failed_allocation_of_a_GPU_is_recognized(string message) =>
        new EngineException("full", new InvalidOperationException(message)).IsOutOfMemory.ShouldBeTrue();

    [Theory]
    [InlineData("CUDA failure 719: unspecified launch failure ; GPU=0")]
    [InlineData("CUDNN failure 3000: CUDNN_STATUS_NOT_SUPPORTED ; GPU=0")]
    public void Other_failures_of_a_GPU_are_no_failed_allocations(string message) =>
        new EngineException("broken", new InvalidOperationException(message)).IsOutOfMemory.ShouldBeFalse();

    private static EngineException OutOfMemory() => new("full", new InvalidOperationException("Failed to allocate memory"));
}
