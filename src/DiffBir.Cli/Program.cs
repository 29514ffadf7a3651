using DiffBir.Cli;

return await DiffBirCommand.RunAsync(args, Console.Out, Console.Error);
