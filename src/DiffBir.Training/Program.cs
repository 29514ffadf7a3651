using System.CommandLine;
using DiffBir.Training;
using DiffBir.Training.Execution;

FreedMemory.Keep();

// Told to stop, the trainer ends its step and saves; that may take a while.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(10) };
var limit = Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA");
return await TrainCommand.Create(device => BFloat16Support.IsFastOn(device.type, limit)).Parse(args).InvokeAsync(configuration);
