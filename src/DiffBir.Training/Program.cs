using DiffBir.Training;

return await TrainCommand.Create().Parse(args).InvokeAsync();
