using System.Buffers;

namespace DiffBir.Imaging;

/// <summary>How a stored picture is turned and mirrored to stand upright: the eight values of EXIF's tag 0x0112.</summary>
/// <param name="value">1 … 8.</param>
/// <param name="height">Rows as stored.</param>
/// <param name="width">Columns as stored.</param>
internal readonly struct Orientation(int value, int height, int width)
{
    private bool IsTransposed => value >= 5;

    private bool MirrorsColumns => value is 2 or 3 or 7 or 8;

    private bool MirrorsRows => value is 3 or 4 or 6 or 7;

    /// <summary>Writes stored rows to their upright place.</summary>
    /// <param name="strip">Whole rows as stored.</param>
    /// <param name="top">The first row's number.</param>
    /// <param name="upright">The upright picture.</param>
    /// <param name="plane">The plane of it.</param>
    public void Write(ReadOnlySpan<float> strip, int top, PlanarImage upright, int plane)
    {
        if (value == 1)
        {
            upright.Write(plane, top, 0, strip);
        }
        else if (IsTransposed)
        {
            WriteColumns(strip, top, upright, plane);
        }
        else
        {
            WriteRows(strip, top, upright, plane);
        }
    }

    private void WriteRows(ReadOnlySpan<float> strip, int top, PlanarImage upright, int plane)
    {
        var buffer = ArrayPool<float>.Shared.Rent(width);
        var row = buffer.AsSpan(0, width);
        for (var y = 0; y < strip.Length / width; y++)
        {
            strip.Slice(y * width, width).CopyTo(row);
            if (MirrorsColumns)
            {
                row.Reverse();
            }

            upright.Write(plane, MirrorsRows ? height - 1 - (top + y) : top + y, 0, row);
        }

        ArrayPool<float>.Shared.Return(buffer);
    }

    private void WriteColumns(ReadOnlySpan<float> strip, int top, PlanarImage upright, int plane)
    {
        var rows = strip.Length / width;
        var buffer = ArrayPool<float>.Shared.Rent(rows);
        var column = buffer.AsSpan(0, rows);
        for (var x = 0; x < width; x++)
        {
            for (var y = 0; y < rows; y++)
            {
                column[y] = strip[(y * width) + x];
            }

            if (MirrorsRows)
            {
                column.Reverse();
            }

            upright.Write(plane, MirrorsColumns ? width - 1 - x : x, MirrorsRows ? height - top - rows : top, column);
        }

        ArrayPool<float>.Shared.Return(buffer);
    }
}
