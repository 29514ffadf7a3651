// Restores one photo and tells how far it is: ConsoleApp PHOTO RESULT
using DiffBir.Hosting;
using DiffBir.Primitives;
using DiffBir.Restoration;

if (args is not [var input, var output])
{
    Console.Error.WriteLine("Name a photo and a file for the result.");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    await using var restorer = new RestorerPool(new DiffBirOptions());
    var progress = new Progress<RestorationProgress>(now => Console.Error.WriteLine($"{now.Stage}: {now.Step} of {now.Steps}"));
    var result = await restorer.RestoreFileAsync(input, output, progress: progress, cancellation: stop.Token);
    Console.WriteLine($"{output}: {result.Width}×{result.Height}");
    return 0;
}
catch (DiffBirException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
