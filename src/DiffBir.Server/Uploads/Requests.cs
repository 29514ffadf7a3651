using DiffBir.Options;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Storage;

namespace DiffBir.Server.Uploads;

/// <summary>Makes jobs of uploads; everything that can be known to fail later is refused now.</summary>
internal sealed class Requests(ModelCache models, RequestForm form, ImageLimits limits, TimeProvider time)
{
    /// <summary>The job that an upload asks for.</summary>
    /// <exception cref="OptionException">An option has a value that is not allowed.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be used here.</exception>
    /// <exception cref="UploadException">The photo is none, damaged, or too large.</exception>
    public Job JobOf(Upload upload, Sender sender)
    {
        var texts = upload.Fields.ToDictionary(StringComparer.Ordinal);
        var model = texts.Remove("model", out var named) && named.Length > 0 ? named : models.Default;
        var request = form.Read(model, texts);
        var info = limits.Inspect(upload, request.Asked.Page);
        var pixels = limits.ValidateOutput(request, info, upload.FileName);
        return new Job
        {
            Id = JobId.New(),
            Owner = sender.Client,
            Address = sender.Address,
            Model = model,
            Options = texts,
            Input = new Picture(upload.FileName, info.Width, info.Height, upload.Bytes, info.Format)
            {
                Pages = info.Pages,
                Page = request.Asked.Page,
            },
            Created = time.GetUtcNow(),
            Bytes = ImageLimits.MaxJobBytes(upload.Bytes, pixels, info.Depth, request.Settings.Faces.Restore ? Job.MaxFaces : 0),
        };
    }
}
