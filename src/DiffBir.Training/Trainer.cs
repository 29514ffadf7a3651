using DiffBir.Training.Configuration;
using DiffBir.Training.Data;
using DiffBir.Training.Execution;
using DiffBir.Training.Optimization;
using DiffBir.Training.Runs;
using DiffBir.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffBir.Training;

/// <summary>The loop of every task: batch, loss, gradients, step, average; now and then a line of progress, a validation, a saved state.</summary>
internal sealed class Trainer : IDisposable
{
    private readonly ITrainingTask _task;
    private readonly TrainingOptions _options;
    private readonly RunDirectory _run;
    private readonly TrainingLog _log;
    private readonly Device _device;
    private readonly TimeProvider _time;
    private readonly AdamW _optimizer;
    private readonly AdamW? _adversary;
    private readonly Ema? _average;
    private readonly TrainingState _state;
    private readonly MetricAverages _metrics = new();
    private readonly List<(IReadOnlyList<string> Photos, PreparedBatch Batch)> _batches = [];
    private long _step;
    private TimeSpan _waited;
    private (long Step, long Time) _reported;

    /// <summary>Prepares a run.</summary>
    /// <param name="task">What is trained; it stays the caller's.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="run">The run's folder; its state is taken over if there is one.</param>
    /// <param name="log">Where metrics go.</param>
    /// <param name="time">The clock.</param>
    public Trainer(ITrainingTask task, TrainingOptions options, RunDirectory run, TrainingLog log, TimeProvider time)
    {
        (_task, _options, _run, _log, _time) = (task, options, run, log, time);
        _device = task.Weights.Device;
        var product = options.Precision.ToScalarType();
        _optimizer = new AdamW(task.Weights, options.Optimizer, product);
        _adversary = task.Adversary is { } adversary
            ? new AdamW(adversary.Weights, options.Optimizer with { LayerRates = [] }, product)
            : null;
        _average = options.Optimizer.AverageDecay > 0 ? new Ema(task.Weights, options.Optimizer.AverageDecay) : null;
        _state = new TrainingState(_optimizer, _average, _adversary, options.Precision);
        if (File.Exists(run.StateFile))
        {
            (_step, var precision) = _state.Load(run.StateFile);
            SayIfPrecisionChanged(precision);
        }
    }

    /// <summary>The steps done.</summary>
    public long StepsDone => _step;

    private ParameterSet Shipped => _average?.Average ?? _task.Weights;

    /// <summary>Trains until the last step, or until it is told to stop; either way the last whole step is saved.</summary>
    /// <param name="training">Gives the samples to train on.</param>
    /// <param name="validation">The samples to validate with.</param>
    /// <param name="limit">Stops after this time.</param>
    /// <param name="cancellation">Stops as soon as the step in progress has been done or can be dropped.</param>
    /// <exception cref="DiffBirException">The loss is not a number any more.</exception>
    public void Run(SampleSource training, IReadOnlyList<Sample> validation, TimeSpan limit, CancellationToken cancellation)
    {
        var data = _options.Data;
        var perStep = (long)data.Batch * _options.Optimizer.Accumulate;
        using var samples = new Prefetch<Sample>(training.At, _step / data.Reuse * perStep, data.Ahead, data.Workers);
        var start = _time.GetTimestamp();
        _reported = (_step, start);
        // A run that was killed between its last state and its network has nothing left to do but the network.
        var isAtItsEnd = _step > 0 && _step >= _options.Steps;
        var (firstStep, saved, validated) = (_step, isAtItsEnd ? -1 : _step, -1L);
        while (
            _step < _options.Steps
            && _time.GetElapsedTime(start) < limit
            && IsDone(() => Step(samples, cancellation), cancellation)
        )
        {
            if (_step == firstStep + 1)
            {
                _log.Say($"first step: {Pace(_time.GetElapsedTime(start))}");
            }

            _log.Progress($"step {_step} of {_options.Steps}: {Pace(_time.GetElapsedTime(start) / (_step - firstStep))}");

            if (_step % _options.LogEvery == 0)
            {
                Report(_time.GetElapsedTime(start) / (_step - firstStep));
            }

            if (_step % _options.ValidateEvery == 0)
            {
                _ = IsDone(() => Validate(validation, cancellation), cancellation);
                validated = _step;
            }

            if (_step % _options.SaveEvery == 0)
            {
                Save(validation);
                saved = _step;
            }
        }

        if (_step > saved)
        {
            Save(validation);
        }

        if (_step > validated && _step == _options.Steps)
        {
            _ = IsDone(() => Validate(validation, cancellation), cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ForgetBatches();
        _optimizer.Dispose();
        _adversary?.Dispose();
        _average?.Dispose();
    }

    /// <summary>Does a piece of work, unless the run is stopped before it ends.</summary>
    private static bool IsDone(Action work, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            work();
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>One step. Where it is stopped nothing has changed: it is done anew when the run goes on.</summary>
    private void Step(Prefetch<Sample> samples, CancellationToken cancellation)
    {
        var rate = _options.Optimizer.RateAt(_step, _options.Steps);
        if (_batches.Count == 0 || _step % _options.Data.Reuse == 0)
        {
            Fetch(samples, cancellation);
        }

        _optimizer.ClearGradients();
        _adversary?.ClearGradients();
        for (var part = 0; part < _batches.Count; part++)
        {
            cancellation.ThrowIfCancellationRequested();
            Accumulate(part, rate);
        }

        var norm = _optimizer.ClipGradients(_options.Optimizer.ClipNorm);
        ValidateFinite("The gradients' norm", norm, _batches.SelectMany(batch => batch.Photos), rate);
        _metrics.Add("gradient_norm", norm);
        _metrics.Add("learning_rate", rate);
        _step++;
        _optimizer.Step(_step, rate);
        MoveAdversary(rate);
        _average?.Update(_step);
    }

    private void MoveAdversary(double rate)
    {
        if (_adversary is { } adversary)
        {
            _ = adversary.ClipGradients(_options.Optimizer.ClipNorm);
            adversary.Step(_step, rate * _task.Adversary!.Rate);
        }
    }

    private void Fetch(Prefetch<Sample> samples, CancellationToken cancellation)
    {
        ForgetBatches();
        var parts = _options.Optimizer.Accumulate;
        var first = _step / _options.Data.Reuse * parts;
        for (var part = 0; part < parts; part++)
        {
            using var scope = NewDisposeScope();
            var asked = _time.GetTimestamp();
            var batch = Batch.Of([.. Enumerable.Range(0, _options.Data.Batch).Select(_ => samples.Take())]);
            _waited += _time.GetElapsedTime(asked);
            var random = new StepRandom(_options.Seed, first + part, _device);
            _batches.Add((batch.Photos, _task.Prepare(batch, random, cancellation)));
        }
    }

    private void Accumulate(int part, double rate)
    {
        using var scope = NewDisposeScope();
        var (photos, batch) = _batches[part];
        var loss = batch.Loss(new StepRandom(_options.Seed, (_step * _batches.Count) + part, _device));
        var value = loss.Total.item<float>();
        ValidateFinite("The loss", value, photos, rate);
        _metrics.Add("loss", value);
        foreach (var (name, term) in loss.Parts)
        {
            _metrics.Add(name, term.item<float>());
        }

        loss.Total.Times(1.0 / _batches.Count).backward();
    }

    private void ForgetBatches()
    {
        foreach (var (_, batch) in _batches)
        {
            batch.Dispose();
        }

        _batches.Clear();
    }

    private void ValidateFinite(string what, double value, IEnumerable<string> photos, double rate)
    {
        if (!double.IsFinite(value))
        {
            throw new DiffBirException(
                $"{what} became {value} at step {_step + 1}, learning rate {rate:G4}, photos {string.Join(", ", photos)}. "
                    + "The last saved state is untouched: go on from it with a smaller learning rate or with optimizer.clipNorm."
            );
        }
    }

    /// <summary>Validates the weights that are shipped.</summary>
    private void Validate(IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var result = _task.Validate(Shipped, samples, cancellation);
        _log.Metrics("validation", _step, result.Metrics);
        _log.Pictures(_step, result.Pictures);
    }

    private void Report(TimeSpan perStep)
    {
        _log.Metrics("train", _step, _metrics.Averages, $"{Throughput()}, {Pace(perStep)}");
        _metrics.Clear();
    }

    /// <summary>How many samples went through since the last report, and how much of the time the network waited for them.</summary>
    private string Throughput()
    {
        var seconds = Math.Max(_time.GetElapsedTime(_reported.Time).TotalSeconds, 1e-3);
        var samples = (_step - _reported.Step) * _options.Data.Batch * _options.Optimizer.Accumulate;
        var text = $"{samples / seconds:F1} samples/s, {_waited.TotalSeconds / seconds:P0} waiting for data";
        (_waited, _reported) = (TimeSpan.Zero, (_step, _time.GetTimestamp()));
        return text;
    }

    private string Pace(TimeSpan perStep)
    {
        var left = perStep * (_options.Steps - _step);
        return $"{perStep.TotalSeconds:F2} s/step, {(int)left.TotalHours} h {left.Minutes} min left";
    }

    private void SayIfPrecisionChanged(ProductPrecision? before)
    {
        if (before is { } known && known != _options.Precision)
        {
            _log.Say(
                $"The steps up to {_step} were computed in {known}, the next ones are in {_options.Precision}: "
                    + "the run goes on, but not to the last bit as it would have where it began."
            );
        }
    }

    private void Save(IReadOnlyList<Sample> validation)
    {
        _state.Save(_run.StateFile, _step);
        _task.Export(Shipped, validation, _run);
        _log.Say($"saved step {_step}");
    }
}
