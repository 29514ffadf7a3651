namespace DiffBir.Imaging;

/// <summary>
/// A stack of equally large planes of floats, wherever they lie: in memory (<see cref="Of"/>) or, for pictures larger than memory,
/// in a scratch file (<see cref="PlanarStorage"/>). Whole images travel in it; resampling, the color fix and the writers go through
/// it a strip at a time.
/// </summary>
/// <remarks>Reads, and writes of different places, may run side by side. Disposing frees a scratch file; memory is left to its owner.</remarks>
public abstract class PlanarImage : IDisposable
{
    /// <summary>Describes a stack of planes.</summary>
    /// <param name="planes">Channels, times the batch.</param>
    /// <param name="height">Rows of a plane.</param>
    /// <param name="width">Columns of a plane.</param>
    private protected PlanarImage(int planes, int height, int width) => (Planes, Height, Width) = (planes, height, width);

    /// <summary>Channels, times the batch.</summary>
    public int Planes { get; }

    /// <summary>Rows of a plane.</summary>
    public int Height { get; }

    /// <summary>Columns of a plane.</summary>
    public int Width { get; }

    /// <summary>Rows and columns of a plane.</summary>
    public Size Size => new(Height, Width);

    /// <summary>A view of a tensor [B,C,H,W] as B·C planes; nothing is copied.</summary>
    /// <exception cref="ShapeException">The tensor has another rank, or an empty axis.</exception>
    public static PlanarImage Of(Tensor image) => new TensorPlanes(image);

    /// <summary>Copies neighboring values of one plane, in row-major order, from a place on.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="row">The first value's row.</param>
    /// <param name="column">The first value's column.</param>
    /// <param name="values">Receives as many values as it is long; they may span rows.</param>
    /// <exception cref="ShapeException">The place leaves the plane.</exception>
    public void Read(int plane, int row, int column, Span<float> values) =>
        ReadAt(Position(plane, row, column, values.Length), values);

    /// <summary>Replaces neighboring values of one plane, in row-major order, from a place on.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="row">The first value's row.</param>
    /// <param name="column">The first value's column.</param>
    /// <param name="values">The new values; they may span rows.</param>
    /// <exception cref="ShapeException">The place leaves the plane.</exception>
    public void Write(int plane, int row, int column, ReadOnlySpan<float> values) =>
        WriteAt(Position(plane, row, column, values.Length), values);

    /// <summary>Copies all rows to the upper left corner of another image, which may be this one.</summary>
    /// <param name="target">As many planes, at least as large.</param>
    /// <param name="change">Changes a row on its way.</param>
    internal void CopyRows(PlanarImage target, Action<Span<float>>? change = null)
    {
        var line = new float[Width];
        for (var row = 0; row < Planes * Height; row++)
        {
            Read(row / Height, row % Height, 0, line);
            change?.Invoke(line);
            target.Write(row / Height, row % Height, 0, line);
        }
    }

    /// <summary>Whether the values lie in memory.</summary>
    internal virtual bool IsInMemory => false;

    /// <summary>Copies values from a place on, all planes laid end to end.</summary>
    internal void Read(long start, Span<float> values) => ReadAt(Position(start, values.Length), values);

    /// <summary>Replaces values from a place on, all planes laid end to end.</summary>
    internal void Write(long start, ReadOnlySpan<float> values) => WriteAt(Position(start, values.Length), values);

    /// <summary>Copies a box of all planes.</summary>
    /// <param name="top">The box's first row.</param>
    /// <param name="left">The box's first column.</param>
    /// <param name="height">Rows of the box.</param>
    /// <param name="width">Columns of the box.</param>
    /// <returns>[1,planes,height,width].</returns>
    /// <exception cref="ShapeException">The box leaves the image.</exception>
    public Tensor ReadBox(int top, int left, int height, int width)
    {
        Framing.Validate(new(top, left, height, width), Height, Width);
        var box = new Tensor(1, Planes, height, width);
        foreach (var (position, start, length) in Runs(top, left, height, width))
        {
            ReadAt(position, box.Span.Slice(start, length));
        }

        return box;
    }

    /// <summary>Replaces a box of all planes.</summary>
    /// <param name="top">The box's first row.</param>
    /// <param name="left">The box's first column.</param>
    /// <param name="box">[1,planes,height,width].</param>
    /// <exception cref="ShapeException">The box leaves the image or has another number of planes.</exception>
    public void WriteBox(int top, int left, Tensor box)
    {
        box.Validate("box", 1, Planes, -1, -1);
        var (height, width) = (box.Size(2), box.Size(3));
        Framing.Validate(new(top, left, height, width), Height, Width);
        foreach (var (position, start, length) in Runs(top, left, height, width))
        {
            WriteAt(position, box.Span.Slice(start, length));
        }
    }

    /// <summary>The whole image in memory: the tensor it is a view of, or a copy of the scratch file.</summary>
    /// <returns>[B,C,H,W] as given to <see cref="Of"/>, else [1,planes,H,W].</returns>
    public virtual Tensor ToTensor() => ReadBox(0, 0, Height, Width);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the image holds beyond memory.</summary>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>Copies values from a position in all planes laid end to end.</summary>
    private protected abstract void ReadAt(long position, Span<float> values);

    /// <summary>Replaces values from a position in all planes laid end to end.</summary>
    private protected abstract void WriteAt(long position, ReadOnlySpan<float> values);

    private long Position(int plane, int row, int column, int count)
    {
        var within = ((long)row * Width) + column;
        if ((uint)plane >= Planes || within < 0 || within + count > (long)Height * Width)
        {
            throw new ShapeException(
                $"{count} values from row {row}, column {column} of plane {plane} leave the image of {Planes} planes of {Width}×{Height}."
            );
        }

        return ((long)plane * Height * Width) + within;
    }

    private long Position(long start, int count)
    {
        var length = (long)Planes * Height * Width;
        return start >= 0 && start + count <= length
            ? start
            : throw new ShapeException($"{count} values from place {start} leave the image of {length} values.");
    }

    /// <summary>The parts of a box that lie together, here and in the box: all of it, planes, or rows.</summary>
    private IEnumerable<(long Position, int Start, int Length)> Runs(int top, int left, int height, int width)
    {
        var planes = width == Width && height == Height ? Planes : 1;
        var rows = width == Width ? height : 1;
        for (var line = 0; line < Planes * height; line += planes * rows)
        {
            var (plane, row) = (line / height, top + (line % height));
            var position = ((((long)plane * Height) + row) * Width) + left;
            yield return (position, line * width, planes * rows * width);
        }
    }

    private sealed class TensorPlanes : PlanarImage
    {
        private readonly Tensor _image;

        public TensorPlanes(Tensor image)
            : base(
                image.Rank == 4 ? image.Size(0) * image.Size(1) : 0,
                image.Rank == 4 ? image.Size(2) : 0,
                image.Rank == 4 ? image.Size(3) : 0
            )
        {
            if (image.Rank != 4 || image.Length == 0)
            {
                throw new ShapeException($"An image must be [B, C, H, W] with no empty axis, got {Tensor.Format(image.Shape)}.");
            }

            _image = image;
        }

        internal override bool IsInMemory => true;

        public override Tensor ToTensor() => _image;

        private protected override void ReadAt(long position, Span<float> values) =>
            _image.Data.AsSpan((int)position, values.Length).CopyTo(values);

        private protected override void WriteAt(long position, ReadOnlySpan<float> values) =>
            values.CopyTo(_image.Data.AsSpan((int)position, values.Length));
    }
}
