using DiffBir.Bench;
using DiffBir.Bench.Load;

// networks [NAME...]   time, rate and memory of each network at full size, each in a process of its own
// network NAME         one of them, in this process
// degradation          training crops degraded per second on one core
// pipeline             a whole restoration at full size, stage by stage
// load                 `diffbir serve` under load, and killed in the middle
var options = BenchOptions.Parse(args);
return options.Command switch
{
    "networks" => NetworkTable.Print(options),
    "network" => NetworkBenchmark.Print(options),
    "degradation" => DegradationBenchmark.Print(options),
    "pipeline" => PipelineBenchmark.Print(options),
    "load" => await LoadBenchmark.PrintAsync(options),
    _ => BenchOptions.Usage(),
};
