using System.Buffers;
using DiffBir.Server.Configuration;
using DiffBir.Server.Jobs;
using DiffBir.Server.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace DiffBir.Server.Uploads;

/// <summary>An upload as it comes.</summary>
/// <param name="Body">The form.</param>
/// <param name="ContentType">What it says that it is.</param>
/// <param name="Length">How many bytes it says that it has.</param>
internal sealed record IncomingForm(Stream Body, string? ContentType, long? Length);

/// <summary>Reads a multipart form piece by piece: the image goes to disk, nothing large to memory.</summary>
internal sealed class UploadReader(ServerOptions options, DataFolder folder)
{
    /// <summary>What a form may have besides its image.</summary>
    public const long RoomForFields = 1_000_000;

    /// <summary>The field of the photo.</summary>
    public const string ImageField = "image";

    private const int MaxFields = 64;
    private const int MaxFieldBytes = 16_384;
    private const int MaxBoundary = 100;

    /// <summary>How large the image of a form can be.</summary>
    /// <exception cref="UploadException">The form says that it is larger than any may be.</exception>
    public long MaxBytes(IncomingForm form) =>
        form.Length > options.MaxUploadBytes + RoomForFields
            ? throw TooLarge()
            : Math.Min(form.Length ?? long.MaxValue, options.MaxUploadBytes);

    /// <summary>Reads a form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="slot">The place that is kept for it; hears of each byte of the image.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="UploadException">It is no form, is cut off, lacks the image, has too much of something.</exception>
    /// <exception cref="OverloadException">Jobs that are not finished fill the disk.</exception>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public async Task<Upload> ReadAsync(IncomingForm form, UploadSlot slot, CancellationToken cancellation)
    {
        var reader = new MultipartReader(Boundary(form), form.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8_192 };
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = folder.NewUpload();
        string? fileName = null;
        long bytes = 0;
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                var name = FieldName(section, out var sentName);
                if (name == ImageField)
                {
                    ValidateFirst(fileName is null, ImageField);
                    fileName = ClientFileName.Clean(sentName);
                    bytes = await StoreAsync(section.Body, path, slot, cancellation);
                }
                else
                {
                    ValidateFirst(fields.Count < MaxFields, "all fields together");
                    var text = await TextAsync(section.Body, name, cancellation);
                    ValidateFirst(fields.TryAdd(name, text), name);
                }
            }

            return fileName is null
                ? throw Broken($"The form has no field \"{ImageField}\". Send the photo in it.")
                : new Upload(path, fileName, bytes, fields);
        }
        catch (Exception error)
        {
            File.Delete(path);
            if (error is InvalidDataException or IOException)
            {
                throw new UploadException(UploadProblem.BrokenForm, "The form is cut off or damaged. Send it again.", error);
            }

            throw;
        }
    }

    private static string Boundary(IncomingForm form)
    {
        if (
            MediaTypeHeaderValue.TryParse(form.ContentType, out var type)
            && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
        )
        {
            return boundary.ToString();
        }

        throw new UploadException(
            UploadProblem.NoForm,
            "The request is no form. Send multipart/form-data with the photo in the field \"image\"."
        );
    }

    private static string FieldName(MultipartSection section, out string? fileName)
    {
        if (
            !ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var header)
            || HeaderUtilities.RemoveQuotes(header.Name) is not { Length: > 0 } name
        )
        {
            throw Broken("A part of the form has no name. Send multipart/form-data.");
        }

        var sent = header.FileNameStar.HasValue ? header.FileNameStar : header.FileName;
        fileName = HeaderUtilities.RemoveQuotes(sent).ToString();
        return name.ToString();
    }

    private async Task<long> StoreAsync(Stream body, string path, UploadSlot slot, CancellationToken cancellation)
    {
        const int bufferSize = 81_920;
        var buffer = ArrayPool<byte>.Shared.Rent(bufferSize);
        try
        {
            await using var file = StorageException.Translate(() => new FileStream(path, FileMode.CreateNew, FileAccess.Write));
            int count;
            while ((count = await body.ReadAsync(buffer, cancellation)) > 0)
            {
                if (file.Position + count > options.MaxUploadBytes)
                {
                    throw TooLarge();
                }

                slot.Arrive(count);
                await OnDiskAsync(() => file.WriteAsync(buffer.AsMemory(0, count), cancellation));
            }

            // What was accepted is there after the power failed.
            await OnDiskAsync(() =>
            {
                file.Flush(flushToDisk: true);
                return ValueTask.CompletedTask;
            });
            return file.Position;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Tells a full disk from a lost connection: both are errors of input and output.</summary>
    private static async Task OnDiskAsync(Func<ValueTask> write)
    {
        try
        {
            await write();
        }
        catch (IOException error)
        {
            throw StorageException.Of(error);
        }
    }

    private static async Task<string> TextAsync(Stream body, string name, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return count <= MaxFieldBytes
            ? System.Text.Encoding.UTF8.GetString(buffer, 0, count)
            : throw Broken($"The field \"{ClientFileName.Clean(name)}\" is too long.");
    }

    private UploadException TooLarge() =>
        new(
            UploadProblem.TooLarge,
            $"The file has more than {options.MaxUploadBytes / 1e6:0.#} MB, the most that is taken. Send a smaller one."
        );

    private static void ValidateFirst(bool holds, string name)
    {
        if (!holds)
        {
            throw Broken($"The form has too many parts: {ClientFileName.Clean(name)}. Send one photo, and each option once.");
        }
    }

    private static UploadException Broken(string message) => new(UploadProblem.BrokenForm, message);
}
