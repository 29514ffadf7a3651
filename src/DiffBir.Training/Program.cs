using System.CommandLine;
using DiffBir.Training;

// Told to stop, the trainer ends its step and saves; that may take a while.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(10) };
return await TrainCommand.Create().Parse(args).InvokeAsync(configuration);
