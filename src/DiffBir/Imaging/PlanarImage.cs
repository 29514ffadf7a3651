namespace DiffBir.Imaging;

/// <summary>
/// A stack of equally large planes of floats, wherever they lie: in memory (<see cref="Of"/>) or, for pictures larger than memory,
/// in a scratch file. Resampling, the colour fix and the writers go through it row by row.
/// </summary>
/// <remarks>Reads and writes of different places may run side by side.</remarks>
internal abstract class PlanarImage
{
    /// <summary>Describes a stack of planes.</summary>
    /// <param name="planes">Channels, times the batch.</param>
    /// <param name="height">Rows of a plane.</param>
    /// <param name="width">Columns of a plane.</param>
    protected PlanarImage(int planes, int height, int width) =>
        (Planes, Height, Width) = (planes, height, width);

    /// <summary>Channels, times the batch.</summary>
    public int Planes { get; }

    /// <summary>Rows of a plane.</summary>
    public int Height { get; }

    /// <summary>Columns of a plane.</summary>
    public int Width { get; }

    /// <summary>A view of a tensor [B,C,H,W] as B·C planes; nothing is copied.</summary>
    /// <exception cref="ShapeException">The tensor has another rank, or an empty axis.</exception>
    public static PlanarImage Of(Tensor image) => new TensorPlanes(image);

    /// <summary>Copies neighbouring values of one plane, in row-major order, from a place on.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="row">The first value's row.</param>
    /// <param name="column">The first value's column.</param>
    /// <param name="values">Receives as many values as it is long; they may span rows.</param>
    public abstract void Read(int plane, int row, int column, Span<float> values);

    /// <summary>Replaces neighbouring values of one plane, in row-major order, from a place on.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="row">The first value's row.</param>
    /// <param name="column">The first value's column.</param>
    /// <param name="values">The new values; they may span rows.</param>
    public abstract void Write(int plane, int row, int column, ReadOnlySpan<float> values);

    /// <summary>The position of a value in all planes laid end to end.</summary>
    protected long Position(int plane, int row, int column) =>
        ((((long)plane * Height) + row) * Width) + column;

    private sealed class TensorPlanes : PlanarImage
    {
        private readonly float[] _data;

        public TensorPlanes(Tensor image)
            : base(
                image.Rank == 4 ? image.Size(0) * image.Size(1) : 0,
                image.Size(-2),
                image.Size(-1)
            )
        {
            if (image.Rank != 4 || image.Length == 0)
            {
                throw new ShapeException(
                    $"An image must be [B, C, H, W] with no empty axis, got {Tensor.Format(image.Shape)}."
                );
            }

            _data = image.Data;
        }

        public override void Read(int plane, int row, int column, Span<float> values) =>
            _data.AsSpan((int)Position(plane, row, column), values.Length).CopyTo(values);

        public override void Write(int plane, int row, int column, ReadOnlySpan<float> values) =>
            values.CopyTo(_data.AsSpan((int)Position(plane, row, column), values.Length));
    }
}
