using DiffBir.Bench;
using DiffBir.Bench.Clusters;
using DiffBir.Bench.Corpora;
using DiffBir.Bench.Load;
using DiffBir.Bench.Mutations;
using DiffBir.Bench.Pictures;

// networks [NAME...]   time, rate and memory of each network at full size, each in a process of its own
// network NAME         one of them, in this process
// degradation          training crops degraded per second on one core
// pipeline --models hypir   one step of HYPIR beside ten of v2: merging, each stage, memory; each in a process of its own
// pipeline             a whole restoration, stage by stage: cfg on, off, and within 5 GB, each in a process of its own
// restoration          one of them, in this process
// reuse                what each photo of a folder costs beside its arithmetic, by one size and by several
// memory               what restorations of 1, 4, 16 and 64 megapixels need (--models mini,small), each in a process of its own
// megapixels SIDE      one of them, in this process
// load                 `diffbir serve` under load, and killed in the middle
// cluster              batches over a real NATS server whose workers, feeders and server are killed
// cluster-scale [WORKERS...]   photos a second through as many workers, and memory on the way (--count, --delay)
// cluster-worker ...   a worker of it, in this process; cluster-feed ...: a feeder
// pictures PHOTOS      photos made bad in independent ways, restored by several models: numbers and sheets to look at
// corpus FOLDERS       pictures that strangers made to break readers (tools/corpora/fetch.sh), through the command line
// mutations KIND       damaged checkpoints or images (given ones beside generated ones), read in processes that may die of them
// mutation-range ...   some of their seeds, in this process
var options = BenchOptions.Parse(args);
return options.Command switch
{
    "networks" => NetworkTable.Print(options),
    "network" => NetworkBenchmark.Print(options),
    "degradation" => DegradationBenchmark.Print(options),
    "pipeline" => PipelineTable.Print(options),
    "onestep" => PipelineBenchmark.PrintOneStep(options),
    "restoration" => PipelineBenchmark.Print(options),
    "reuse" => ReuseBenchmark.Print(options),
    "memory" => MemoryTable.Print(options),
    "megapixels" => MemoryBenchmark.Print(options),
    "corpus" => CorpusBenchmark.Print(options),
    "load" => await LoadBenchmark.PrintAsync(options),
    "cluster" => await ClusterBenchmark.PrintAsync(options),
    "cluster-scale" => await ClusterScale.PrintAsync(options),
    "cluster-worker" => await ClusterStub.WorkAsync(options),
    "cluster-feed" => await ClusterStub.FeedAsync(options),
    "pictures" => PictureBenchmark.Print(options),
    "mutations" => MutationCampaign.Print(options),
    "mutation-range" => MutationRange.Print(options),
    _ => BenchOptions.Usage(),
};
