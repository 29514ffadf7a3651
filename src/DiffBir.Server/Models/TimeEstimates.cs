using DiffBir.Restoration;
using DiffBir.Server.Configuration;

namespace DiffBir.Server.Models;

/// <summary>How long a photo would take with each model, by what earlier photos took.</summary>
internal sealed class TimeEstimates(ModelCache models, RequestForm form, MeasuredSpeeds speeds, ServerOptions options)
{
    /// <summary>Seconds for a photo of a size; null where a part of the work was never measured, or the model cannot do it.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="texts">The options that would be given, by their names.</param>
    /// <param name="height">The photo's rows.</param>
    /// <param name="width">The photo's columns.</param>
    public double? Seconds(string model, IReadOnlyDictionary<string, string> texts, int height, int width)
    {
        try
        {
            var wanted = form.Read(model, texts);
            using var restorer = new Restorer(wanted.Pack, wanted.Settings, options.WeightsFolders);
            return restorer
                .Work(new Size(height, width))
                .Stages.Select(stage => speeds.Seconds(stage.Stage, stage.Flops))
                .Aggregate((double?)0, (sum, seconds) => sum + seconds);
        }
        catch (DiffBirException)
        {
            return null;
        }
    }

    /// <summary>The models that can be asked.</summary>
    public IEnumerable<string> Models => models.All.Where(model => model.IsAvailable).Select(model => model.Name);
}
