using DiffBir.Restoration;

namespace DiffBir.Server.Workers;

/// <summary>Decides when a preview may be made: often enough to look at, seldom enough to cost little.</summary>
/// <remarks>
/// Before the first preview nobody knows what one costs: hardly anything where it is computed from the latents directly; else it runs the
/// decoder, which is about twice the work of the encoder that has just run.
/// </remarks>
/// <param name="isDecoded">Whether previews run the decoder.</param>
/// <param name="time">The clock.</param>
internal sealed class PreviewPace(bool isDecoded, TimeProvider time)
{
    /// <summary>The share of the sampling time that previews may take.</summary>
    private const double Share = 0.15;

    private const double DecoderPerEncoder = 2;

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(300); // more often nobody sees

    private long _encodingStart;
    private long _samplingStart;
    private long? _last;
    private TimeSpan _cost;
    private TimeSpan _spent;

    /// <summary>A part of the work begins.</summary>
    public void Begin(RestorationStage stage)
    {
        if (stage == RestorationStage.Encoding)
        {
            _encodingStart = time.GetTimestamp();
        }
        else if (stage == RestorationStage.Sampling)
        {
            _cost = isDecoded ? time.GetElapsedTime(_encodingStart) * DecoderPerEncoder : TimeSpan.Zero;
            _samplingStart = time.GetTimestamp();
        }
    }

    /// <summary>Whether a preview may be made now.</summary>
    public bool IsTime() =>
        (_last is not { } last || time.GetElapsedTime(last) >= MinInterval)
        && time.GetElapsedTime(_samplingStart) * Share >= _spent + _cost;

    /// <summary>Makes a preview.</summary>
    public void Measure(Action make)
    {
        var start = time.GetTimestamp();
        make();
        _last = time.GetTimestamp();
        _cost = time.GetElapsedTime(start);
        _spent += _cost;
    }
}
