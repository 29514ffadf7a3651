using DiffBir.Training;
using DiffBir.Training.Execution;

FreedMemory.Keep();

var limit = Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA");
var program = TrainCommand.Create(device => BFloat16Support.IsFastOn(device.type, limit));
return await TrainCommand.RunAsync(program, args, Console.Out, Console.Error);
