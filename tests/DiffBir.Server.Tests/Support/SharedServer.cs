namespace DiffBir.Server.Tests.Support;

/// <summary>One server for all tests of a class that leave it as it was.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private ServerBench? _bench;

    internal ServerBench Bench => _bench!;

    public async Task InitializeAsync() => _bench = await ServerBench.StartAsync();

    public async Task DisposeAsync() => await _bench!.DisposeAsync();
}
