using DiffBir.Engine;
using DiffBir.Graphs;
using DiffBir.Imaging;

namespace DiffBir.Autoencoding;

/// <summary>Lets every pixel of an image attend to every other, some pixels at a time: exact, in memory that does not grow with the image.</summary>
/// <param name="load">Loads a network.</param>
/// <param name="partElements">How many numbers the queries of a part have, and so its keys and its values. Each part is read again for each other, so larger is faster.</param>
/// <remarks>
/// The softmax over all pixels is put together from those over parts. Each part is asked together with one more pixel, whose
/// value alone has an entry in an additional channel. That entry of the result is 1 / (Z + 1), where Z is the part's own sum
/// of weights against the additional pixel's. The additional pixel's score is the mean of all scores, plus an offset of each
/// asking pixel's own that grows where it would vanish beside the others.
/// </remarks>
internal sealed class ChunkedAttention(Func<Graph, NetworkSession> load, int partElements = 1 << 21)
{
    /// <summary>Runs attention.</summary>
    /// <param name="source">x, queries, keys and values, C planes each.</param>
    /// <param name="destination">Receives x and the attended values, C planes each.</param>
    /// <param name="cancellation">Ends the work within a part.</param>
    public void Run(PlanarImage source, PlanarImage destination, CancellationToken cancellation)
    {
        var channels = source.Planes / 4;
        var mean = MeanKey(source, channels);
        var sessions = new Dictionary<(int, int), NetworkSession>();
        try
        {
            var parts = Parts(source, Math.Max(1, partElements / channels));
            foreach (var asking in parts)
            {
                Copy(source, destination, asking, channels);
                var queries = Rows(source, asking, channels, channels, extra: 0);
                // Attention divides by the root of its channels, and has one more here.
                Scale(queries, MathF.Sqrt((channels + 1f) / channels));
                var sum = new WeightedSum(asking.Pixels, channels);
                foreach (var asked in parts)
                {
                    var keys = Rows(source, asked, 2 * channels, channels, extra: 1);
                    mean.CopyTo(keys.Span[(asked.Pixels * (channels + 1))..]);
                    var values = Rows(source, asked, 3 * channels, channels, extra: 1);
                    (keys.Data[^1], values.Data[^1]) = (1, 1);
                    var key = (asking.Pixels, asked.Pixels);
                    if (!sessions.TryGetValue(key, out var session))
                    {
                        sessions[key] = session = load(Network(key.Item1, key.Item2, channels + 1));
                    }

                    do
                    {
                        sum.SetOffsets(queries);
                    } while (!sum.TryAdd(session.Run(cancellation, ("q", queries), ("k", keys), ("v", values))["attended"]));
                }

                Write(destination, asking, channels, sum);
            }
        }
        finally
        {
            foreach (var session in sessions.Values)
            {
                session.Dispose();
            }
        }
    }

    private static Graph Network(int asking, int asked, int channels)
    {
        var g = new GraphBuilder("attention of pixels");
        var q = g.Input("q", [1, asking, channels]);
        var k = g.Input("k", [1, asked + 1, channels]);
        var v = g.Input("v", [1, asked + 1, channels]);
        return g.Build(("attended", g.Attention(q, k, v, heads: 1)));
    }

    // Bands of rows, cut where a row is longer than a part.
    private static IReadOnlyList<Rectangle> Parts(PlanarImage image, int pixels)
    {
        var columns = Math.Min(image.Width, pixels);
        var rows = Math.Max(1, pixels / columns);
        return
        [
            .. from top in Enumerable.Range(0, Ceiling.Divide(image.Height, rows))
            from left in Enumerable.Range(0, Ceiling.Divide(image.Width, columns))
            select new Rectangle(
                top * rows,
                left * columns,
                Math.Min(rows, image.Height - (top * rows)),
                Math.Min(columns, image.Width - (left * columns))
            ),
        ];
    }

    /// <summary>Some planes of a part, pixel by pixel: [1, pixels + extra, channels + 1]; what is additional is zero.</summary>
    private static Tensor Rows(PlanarImage source, Rectangle part, int firstPlane, int channels, int extra)
    {
        var rows = new Tensor(1, part.Pixels + extra, channels + 1);
        var line = new float[part.Width];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var row = 0; row < part.Height; row++)
            {
                source.Read(firstPlane + channel, part.Top + row, part.Left, line);
                for (var column = 0; column < line.Length; column++)
                {
                    rows.Data[(((row * part.Width) + column) * (channels + 1)) + channel] = line[column];
                }
            }
        }

        return rows;
    }

    private static float[] MeanKey(PlanarImage source, int channels)
    {
        var mean = new float[channels];
        var line = new float[source.Width];
        for (var channel = 0; channel < channels; channel++)
        {
            var sum = 0.0;
            for (var row = 0; row < source.Height; row++)
            {
                source.Read((2 * channels) + channel, row, 0, line);
                foreach (var value in line)
                {
                    sum += value;
                }
            }

            mean[channel] = (float)(sum / ((double)source.Height * source.Width));
        }

        return mean;
    }

    private static void Copy(PlanarImage source, PlanarImage destination, Rectangle part, int channels)
    {
        var line = new float[part.Width];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var row = part.Top; row < part.Top + part.Height; row++)
            {
                source.Read(channel, row, part.Left, line);
                destination.Write(channel, row, part.Left, line);
            }
        }
    }

    private static void Write(PlanarImage destination, Rectangle part, int channels, WeightedSum sum)
    {
        var line = new float[part.Width];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var row = 0; row < part.Height; row++)
            {
                for (var column = 0; column < line.Length; column++)
                {
                    line[column] = sum.Mean((row * part.Width) + column, channel);
                }

                destination.Write(channels + channel, part.Top + row, part.Left, line);
            }
        }
    }

    private static void Scale(Tensor values, float factor)
    {
        for (var index = 0; index < values.Length; index++)
        {
            values.Data[index] *= factor;
        }
    }

    /// <summary>Weighted sums of values, with the sums of the weights.</summary>
    private sealed class WeightedSum(int pixels, int channels)
    {
        private const float MinWeight = 1e-30f; // below, the additional pixel's weight cannot be told from none
        private const double Raise = 60; // e^60 is 1e26

        private readonly double[] _values = new double[pixels * channels];
        private readonly double[] _weights = new double[pixels];
        private readonly double[] _offsets = new double[pixels];

        /// <summary>Writes the offsets into the asking pixels' additional channel; attention divides by the root of the channels.</summary>
        public void SetOffsets(Tensor queries)
        {
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                queries.Data[(pixel * (channels + 1)) + channels] = (float)(_offsets[pixel] * Math.Sqrt(channels + 1));
            }
        }

        /// <summary>Adds what attention to a part gave, or raises offsets and asks for the same part again.</summary>
        public bool TryAdd(Tensor attended)
        {
            var raised = false;
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                if (attended.Data[(pixel * (channels + 1)) + channels] < MinWeight)
                {
                    RaiseOffset(pixel);
                    raised = true;
                }
            }

            if (!raised)
            {
                Add(attended);
            }

            return !raised;
        }

        /// <summary>The weighted mean.</summary>
        public float Mean(int pixel, int channel) => (float)(_values[(pixel * channels) + channel] / _weights[pixel]);

        private void Add(Tensor attended)
        {
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                var result = attended.Span.Slice(pixel * (channels + 1), channels + 1);
                double share = result[channels];
                _weights[pixel] += (1 - share) / share;
                for (var channel = 0; channel < channels; channel++)
                {
                    _values[(pixel * channels) + channel] += result[channel] / share;
                }
            }
        }

        private void RaiseOffset(int pixel)
        {
            _offsets[pixel] += Raise;
            _weights[pixel] *= Math.Exp(-Raise);
            for (var channel = 0; channel < channels; channel++)
            {
                _values[(pixel * channels) + channel] *= Math.Exp(-Raise);
            }
        }
    }
}
