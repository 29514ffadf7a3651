using System.CommandLine;

var root = new RootCommand("Trains DiffBir's networks from clean photos.");
return await root.Parse(args).InvokeAsync();
