using System.CommandLine;

var root = new RootCommand(
    "DiffBir restores photos that are noisy, blurred, small or badly compressed."
);
return await root.Parse(args).InvokeAsync();
