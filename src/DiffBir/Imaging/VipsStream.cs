using NetVips;

namespace DiffBir.Imaging;

/// <summary>Lets libvips read from or write to a .NET stream. An exception of the stream is kept: it must not pass through native code.</summary>
internal sealed class VipsStream(Stream stream, CancellationToken cancellation)
{
    private const long Failed = -1;

    private Exception? _failure;

    /// <summary>A source that reads the stream; it must be disposed after the images that read from it.</summary>
    public SourceCustom Source()
    {
        var source = new SourceCustom();
        source.OnRead += Read;
        source.OnSeek += SeekInside;
        return source;
    }

    /// <summary>A target that writes the stream.</summary>
    public TargetCustom Target()
    {
        var target = new TargetCustom();
        target.OnWrite += Write;
        target.OnRead += Read;
        target.OnSeek += Seek;
        return target;
    }

    /// <summary>Throws what the stream threw, if it did, and when the work was cancelled.</summary>
    public void ThrowIfFailed()
    {
        cancellation.ThrowIfCancellationRequested();
        if (_failure is not null)
        {
            throw new IOException(_failure.Message, _failure);
        }
    }

    private int Read(byte[] buffer, int length) => (int)CaptureFailure(() => stream.Read(buffer, 0, length));

    private long Seek(long offset, SeekOrigin origin) => CaptureFailure(() => stream.Seek(offset, origin));

    /// <summary>A damaged file points anywhere, which not every stream answers as a file does: outside there is nothing.</summary>
    private long SeekInside(long offset, SeekOrigin origin) =>
        CaptureFailure(() =>
        {
            var position = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => stream.Position + offset,
                _ => stream.Length + offset,
            };
            return position < 0 || position > stream.Length ? Failed : stream.Seek(position, SeekOrigin.Begin);
        });

    private long Write(byte[] buffer, int length) =>
        CaptureFailure(() =>
        {
            stream.Write(buffer, 0, length);
            return length;
        });

    private long CaptureFailure(Func<long> act)
    {
        if (_failure is not null || cancellation.IsCancellationRequested)
        {
            return Failed;
        }

        try
        {
            return act();
        }
#pragma warning disable CA1031 // Whatever a stream throws would end the process if it reached native code.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _failure = error;
            return Failed;
        }
    }
}
