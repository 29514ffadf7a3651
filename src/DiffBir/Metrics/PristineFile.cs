using System.Text.Json;
using DiffBir.Files;

namespace DiffBir.Metrics;

/// <summary>
/// Reads NIQE's statistics of good photos: as the authors publish them (MATLAB, <c>modelparameters.mat</c>), as Python programs keep
/// them (NumPy, <c>niqe_pris_params.npz</c>), or as <c>diffbir fit-niqe</c> writes them (JSON).
/// </summary>
internal static class PristineFile
{
    private const int MaxBytes = 1 << 20; // the statistics take 11 kB

    // The authors' names, then BasicSR's.
    private static readonly string[] Means = ["mu_prisparam", "mu_pris_param"];
    private static readonly string[] Covariances = ["cov_prisparam", "cov_pris_param"];

    /// <summary>Reads a file, whatever its name.</summary>
    /// <exception cref="DiffBirException">The file is missing, or holds something else.</exception>
    public static GaussianModel Read(string path)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            return file.Length <= MaxBytes
                ? Parse(ReadAll(file))
                : throw new InvalidDataException($"It has {file.Length:N0} bytes; NIQE's statistics have {MaxBytes:N0} at most.");
        }
        catch (Exception error)
            when (error
                    is IOException
                        or UnauthorizedAccessException
                        or InvalidDataException
                        or JsonException
                        or ArgumentException
            )
        {
            throw new DiffBirException(
                $"The statistics for NIQE cannot be read from {path}: {error.Message} "
                    + "Give the authors' modelparameters.mat, BasicSR's niqe_pris_params.npz, or what diffbir fit-niqe wrote.",
                error
            );
        }
    }

    /// <summary>Reads statistics as JSON.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    /// <exception cref="InvalidDataException">There are more or fewer numbers.</exception>
    public static GaussianModel ReadJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<GaussianModel>(json) is { Mean: not null, Covariance: not null } model
            ? Validate(model)
            : throw new JsonException("The means or the covariances are missing.");

    private static byte[] ReadAll(Stream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static GaussianModel Parse(byte[] bytes)
    {
        var isNumPy = bytes.AsSpan().StartsWith("PK"u8);
        if (!isNumPy && !bytes.AsSpan().StartsWith("MATLAB 5.0"u8))
        {
            return ReadJson(bytes);
        }

        string[] names = [.. Means, .. Covariances];
        var arrays = isNumPy ? NumPyArchive.Read(bytes, names, MaxBytes) : MatlabFile.Read(bytes, names, MaxBytes);
        return Validate(new GaussianModel(Named(Means), Named(Covariances)));

        double[] Named(string[] wanted) =>
            wanted.Select(name => arrays.GetValueOrDefault(name)).FirstOrDefault(array => array is not null)
            ?? throw new InvalidDataException($"There is no {wanted[0]} in it.");
    }

    private static GaussianModel Validate(GaussianModel model)
    {
        const int count = NaturalSceneFeatures.Count;
        return
            model is { Mean.Length: count, Covariance.Length: count * count }
            && model.Mean.Concat(model.Covariance).All(double.IsFinite)
            ? model
            : throw new InvalidDataException(
                $"There are {model.Mean.Length} means and {model.Covariance.Length} covariances; NIQE has {count} and {count} x {count}, all finite."
            );
    }
}
