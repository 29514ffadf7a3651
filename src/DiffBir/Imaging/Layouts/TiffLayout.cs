namespace DiffBir.Imaging.Layouts;

/// <summary>TIFF: strips or tiles, each of which may be as large as the picture.</summary>
internal sealed record TiffLayout : PixelLayout
{
    private const int LargePart = 32 << 20;

    /// <summary>The compressions of which libtiff needs a whole strip at once, but only as it lies in the file.</summary>
    private static readonly long[] DecodedByRow =
    [
        5, // LZW
        8, // Deflate
        32773, // PackBits
        32946, // Deflate, the older number
    ];

    private readonly long _fileBytes;
    private readonly (long Width, long Height) _size;
    private readonly (long Width, long Height) _part;
    private readonly long _partBytes;
    private readonly bool _isTiled;
    private readonly long _compression;

    private TiffLayout(long fileBytes, TiffNumbers tags)
    {
        _fileBytes = fileBytes;
        _size = (tags[TiffNumbers.ImageWidth] ?? 1, tags[TiffNumbers.ImageLength] ?? 1);
        _compression = tags[TiffNumbers.Compression] ?? 1;
        _isTiled = tags[TiffNumbers.TileWidth] is not null;
        var (width, height) = _isTiled
            ? (tags[TiffNumbers.TileWidth], tags[TiffNumbers.TileLength])
            : (null, tags[TiffNumbers.RowsPerStrip]);
        _part = (Math.Clamp(width ?? _size.Width, 1, int.MaxValue), Math.Clamp(height ?? _size.Height, 1, int.MaxValue));
        if (!_isTiled)
        {
            _part.Height = Math.Min(_part.Height, _size.Height);
        }

        var bits = Math.Clamp((tags[TiffNumbers.SamplesPerPixel] ?? 1) * (tags[TiffNumbers.BitsPerSample] ?? 1), 1, 1024);
        _partBytes = _part.Width * _part.Height / 8 * bits;
    }

    /// <inheritdoc/>
    public override string Kind => _isTiled ? "a TIFF file with large tiles" : "a TIFF file with large strips";

    /// <inheritdoc/>
    public override string Remedy => "save it as PNG, or as TIFF with strips of a few rows";

    /// <inheritdoc/>
    public override bool HasLargeParts => _partBytes > LargePart;

    /// <summary>Reads the layout of a page.</summary>
    /// <param name="file">The file; its position is moved.</param>
    /// <param name="page">The page, from 1.</param>
    public static TiffLayout Read(Stream file, int page) => new(file.Length, TiffNumbers.Read(file, page));

    /// <inheritdoc/>
    public override long BytesAtOnce(DecodedSize picture)
    {
        // A part that lies about its length is no longer than the file.
        var inFile = HasLargeParts ? _fileBytes : Math.Min(_fileBytes, _partBytes);
        if (_size != (picture.Width, picture.Height))
        {
            return (3 * picture.Bytes) + _fileBytes; // libvips understood another directory than we did
        }

        var part = _part.Width * _part.Height * picture.BytesPerPixel;
        if (_isTiled)
        {
            // Measured with tiles of 4096×4096: 2.4 to 2.9 rows of tiles.
            return (3 * part * Ceiling.Divide(picture.Width, _part.Width)) + inFile;
        }

        return _compression == 1 ? 0
            : DecodedByRow.Contains(_compression) ? inFile
            : (2 * part) + inFile;
    }
}
