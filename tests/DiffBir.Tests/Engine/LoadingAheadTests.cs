using DiffBir.Engine;

namespace DiffBir.Tests.Engine;

public sealed class LoadingAheadTests
{
    [Fact]
    public void Its_end_waits_for_all_in_their_order()
    {
        var loaded = new List<int>();

        using (var ahead = new LoadingAhead())
        {
            ahead.Begin(() => LoadSlowly(1));
            ahead.Begin(() => LoadSlowly(2));
        }

        loaded.ShouldBe([1, 2]);

        void LoadSlowly(int library)
        {
            Thread.Sleep(20);
            loaded.Add(library);
        }
    }

    [Fact]
    public void What_is_missing_is_left_to_who_uses_it()
    {
        var others = 0;

        using (var ahead = new LoadingAhead())
        {
            ahead.Begin(() => throw new DllNotFoundException("libmissing"));
            ahead.Begin(() => throw new EngineException("No room.", new OutOfMemoryException()));
            ahead.Begin(() => others++);
        }

        others.ShouldBe(1);
    }
}
