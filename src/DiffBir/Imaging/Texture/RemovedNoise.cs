namespace DiffBir.Imaging.Texture;

/// <summary>
/// How strong the noise was that restoring removed, by brightness: where a photo is flat, only noise can be removed, so the smallest
/// changes of each brightness tell. Nothing has to be known of the camera.
/// </summary>
internal sealed class RemovedNoise
{
    private const int Levels = 64; // of brightness
    private const int Steps = 1024; // of brightness, where variances are wanted
    private const int BinsPerOctave = 8;
    private const int Octaves = 32; // of energy below 1
    private const int Bins = Octaves * BinsPerOctave;
    private const int Groups = 8; // of brightness, with equally many pixels
    private const double FlatShare = 0.05; // this share of a group's pixels is taken to be flat

    private readonly long[,] _pixels = new long[Levels, Bins];

    /// <summary>Counts pixels of a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="core">Which of its pixels count.</param>
    public void Add(ChangedPart part, Rectangle core)
    {
        for (var row = core.Top - part.Box.Top; row < core.Top - part.Box.Top + core.Height; row++)
        {
            var start = (row * part.Box.Width) + core.Left - part.Box.Left;
            for (var pixel = start; pixel < start + core.Width; pixel++)
            {
                var level = (int)Math.Clamp(part.Brightness[pixel] * Levels, 0, Levels - 1);
                var bin = (Math.Log2(Math.Max(part.Energy[pixel], float.Epsilon)) + Octaves) * BinsPerOctave;
                _pixels[level, (int)Math.Clamp(bin, 0, Bins - 1)]++;
            }
        }
    }

    /// <summary>Counts what another one counted.</summary>
    public void Add(RemovedNoise other)
    {
        for (var level = 0; level < Levels; level++)
        {
            for (var bin = 0; bin < Bins; bin++)
            {
                _pixels[level, bin] += other._pixels[level, bin];
            }
        }
    }

    /// <summary>The noise's variance by brightness: as many values as it likes, from black to white.</summary>
    public float[] Variances()
    {
        var knots = GroupsOfLevels().Select(Knot).ToArray();
        return [.. Enumerable.Range(0, Steps).Select(step => (float)Between(knots, step / (Steps - 1.0)))];
    }

    private static double Between((double Brightness, double Variance)[] knots, double brightness)
    {
        var next = Array.FindIndex(knots, knot => knot.Brightness >= brightness);
        if (next <= 0)
        {
            return knots[next == 0 ? 0 : ^1].Variance;
        }

        var (below, above) = (knots[next - 1], knots[next]);
        var way = (brightness - below.Brightness) / (above.Brightness - below.Brightness);
        return below.Variance + (way * (above.Variance - below.Variance));
    }

    /// <summary>The levels that pixels have, in order, as groups of about as many pixels each.</summary>
    private IEnumerable<int[]> GroupsOfLevels()
    {
        var counts = Enumerable.Range(0, Levels).Select(PixelsOf).ToArray();
        var (all, below) = (counts.Sum(), 0L);
        var group = new int[Levels];
        for (var level = 0; level < Levels; level++)
        {
            group[level] = (int)Math.Min(Groups - 1, Groups * (below + (counts[level] / 2)) / Math.Max(1, all));
            below += counts[level];
        }

        return Enumerable
            .Range(0, Levels)
            .Where(level => counts[level] > 0)
            .GroupBy(level => group[level], (_, levels) => levels.ToArray());
    }

    private (double Brightness, double Variance) Knot(int[] levels)
    {
        var energies = Enumerable.Range(0, Bins).Select(bin => levels.Sum(level => _pixels[level, bin])).ToArray();
        var all = energies.Sum();
        var brightness = levels.Sum(level => PixelsOf(level) * (level + 0.5) / Levels) / all;
        var wanted = all * FlatShare;
        var (bin, below) = (0, 0L);
        while (below + energies[bin] < wanted)
        {
            below += energies[bin++];
        }

        var within = (wanted - below) / energies[bin];
        return (brightness, double.Exp2(((bin + within) / BinsPerOctave) - Octaves));
    }

    private long PixelsOf(int level) => Enumerable.Range(0, Bins).Sum(bin => _pixels[level, bin]);
}
