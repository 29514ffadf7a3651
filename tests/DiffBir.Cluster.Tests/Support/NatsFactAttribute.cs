namespace DiffBir.Cluster.Tests.Support;

/// <summary>A test with a real server; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NatsFactAttribute : FactAttribute
{
    public NatsFactAttribute() => Skip = NatsServer.Missing;
}

/// <summary>A test of several cases with a real server; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NatsTheoryAttribute : TheoryAttribute
{
    public NatsTheoryAttribute() => Skip = NatsServer.Missing;
}
