namespace DiffBir.Faces.Cascades;

/// <summary>Cascades that stay read from one photo to the next, as long as the same files are asked for.</summary>
internal sealed class KeptCascades
{
    private CascadeFaceDetector? _latest;

    /// <summary>What finds faces with cascades; null where there are none.</summary>
    public CascadeFaceDetector? Of(CascadeFiles? files)
    {
        if (files is null)
        {
            return null;
        }

        var latest = _latest; // two threads may ask, each of which gets one that fits
        return latest?.Files == files ? latest : _latest = new CascadeFaceDetector(files);
    }
}
