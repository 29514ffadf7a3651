namespace DiffBir.Tests.Checkpoints;

/// <summary>A pickle and what is to be said about it; shown by that.</summary>
public sealed record HostileCase(string Name, byte[] Pickle)
{
    public override string ToString() => Name;
}

/// <summary>Theory data that takes pickles as they are built.</summary>
public sealed class HostileCases : TheoryData<HostileCase>
{
    internal void Add(string name, PickleBuilder pickle) => Add(new HostileCase(name, pickle.Build()));

    public void Add(string name, byte[] pickle) => Add(new HostileCase(name, pickle));
}
