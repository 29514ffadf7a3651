using NetVips;

namespace DiffBir.Imaging;

/// <summary>Lets libvips read from or write to a .NET stream. An exception of the stream is kept: it must not pass through native code.</summary>
internal sealed class VipsStream(Stream stream, CancellationToken cancellation)
{
    private Exception? _failure;

    /// <summary>A source that reads the stream; it must be disposed after the images that read from it.</summary>
    public SourceCustom Source()
    {
        var source = new SourceCustom();
        source.OnRead += Read;
        source.OnSeek += Seek;
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

    private int Read(byte[] buffer, int length) => (int)Guarded(() => stream.Read(buffer, 0, length));

    private long Seek(long offset, SeekOrigin origin) => Guarded(() => stream.Seek(offset, origin));

    private long Write(byte[] buffer, int length) =>
        Guarded(() =>
        {
            stream.Write(buffer, 0, length);
            return length;
        });

    private long Guarded(Func<long> act)
    {
        const long failed = -1;
        if (_failure is not null || cancellation.IsCancellationRequested)
        {
            return failed;
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
            return failed;
        }
    }
}
