using System.CommandLine;
using DiffBir.Cli.Display;
using DiffBir.Cli.Files;
using DiffBir.Cli.Usage;
using DiffBir.Cluster.Feeding;
using DiffBir.Cluster.Jobs;
using DiffBir.Cluster.Places;
using DiffBir.Cluster.Queues;

namespace DiffBir.Cli.Clusters;

/// <summary>Restores a batch on the workers of a cluster.</summary>
internal sealed class ClusterRestore
{
    private const string ByContent = "content";
    private const string ByPath = "path";
    private const string WithdrawOption = "--cluster-cancel";

    private readonly Option<string> _jobBy = new("--job-by")
    {
        Description =
            "How photos are told apart: by their content, which is read for that, or by path, size and time, which is quicker.",
        DefaultValueFactory = _ => ByContent,
        HelpName = $"{ByContent}|{ByPath}",
    };

    private readonly Option<bool> _withdraw = new(WithdrawOption)
    {
        Description = "Withdraw what no worker has begun when this command is stopped, instead of leaving it to the workers.",
    };

    private readonly OtlpOption _otlp = new("metrics and traces of the batch");

    public ClusterRestore() => _jobBy.AcceptOnlyFromAmong(ByContent, ByPath);

    /// <summary>Where the queue is.</summary>
    public ClusterOptions Cluster { get; } =
        new(
            isRequired: false,
            "Restore on the workers of this NATS server, such as nats://host; all must see the same folders, or the same buckets (s3://bucket/folder)."
        );

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [.. Cluster.All, _jobBy, _withdraw, _otlp.Option];

    /// <summary>Rejects options of clusters where photos are restored on this machine.</summary>
    /// <exception cref="UsageException">One is given.</exception>
    public void ValidateAbsence(ParseResult parsed) => Cluster.ValidateAbsence(parsed, _jobBy, _withdraw, _otlp.Option);

    /// <summary>What is said of the way on when the command is stopped.</summary>
    public static string GoOn(ParseResult parsed) =>
        parsed.GetValue<bool>(WithdrawOption)
            ? "What no worker had begun is withdrawn. The same command goes on."
            : "The workers go on with what they were given. The same command goes on, too; diffbir cluster cancel withdraws the rest.";

    /// <summary>Feeds a batch, and waits for its end.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="work">What is to be restored.</param>
    /// <param name="places">Where photos and results are.</param>
    /// <param name="display">Hears how it goes on.</param>
    /// <param name="cancellation">Stops the feeder; the workers go on.</param>
    /// <returns>How many photos failed.</returns>
    public async Task<long> RunAsync(
        ParseResult parsed,
        ClusterWork work,
        ClusterPlaces places,
        IFeedDisplay display,
        CancellationToken cancellation
    )
    {
        using var export = ClusterExport.Start("diffbir-restore", _otlp.Read(parsed));
        var rules = new QueueRules();
        await using var queue = await Cluster.ConnectAsync(parsed, rules);
        var plan = new FeedPlan
        {
            Batch = work.Batch,
            Items = work.Photos.Items,
            Foreign = work.Existing switch
            {
                Existing.Skip => ForeignResults.Skip,
                Existing.Overwrite => ForeignResults.Replace,
                _ => ForeignResults.Refuse,
            },
            ByContent = parsed.GetValue(_jobBy) == ByContent,
            WithdrawsOnStop = parsed.GetValue(_withdraw),
            MaxDeliveries = rules.MaxDeliveries,
        };
        var parts = new FeedParts(queue, places, TimeProvider.System);
        return await new Feeder(plan, parts, display).RunAsync(cancellation);
    }
}

/// <summary>What is to be restored.</summary>
/// <param name="Inputs">Files and folders, as they were given.</param>
/// <param name="Photos">The photos.</param>
/// <param name="Existing">What to do with results that are there.</param>
/// <param name="Recipe">How they are restored.</param>
internal sealed record ClusterWork(IReadOnlyList<string> Inputs, ClusterPhotos Photos, Existing Existing, Recipe Recipe)
{
    /// <summary>The batch.</summary>
    public BatchDescription Batch { get; } = BatchDescription.Of(Inputs.Select(ClusterPlaces.FullName), Photos.Output, Recipe);
}
