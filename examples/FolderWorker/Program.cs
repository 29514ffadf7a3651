// A service that restores whatever is put into a folder: FolderWorker --in photos --out restored
using DiffBir.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddDiffBir(options => options.Request = options.Request with { Options = new() { Upscale = 1 } });
builder.Services.AddHostedService<FolderWorker.FolderWorker>();
builder.Build().Run();
