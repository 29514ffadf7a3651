using DiffBir.Hosting;

namespace DiffBir.Tests.Hosting;

public sealed class LoadingAheadTests
{
    [Fact]
    public void Its_end_waits_for_all_libraries()
    {
        var loaded = new List<int>();

        using (LoadingAhead.Begin(() => LoadSlowly(1), () => LoadSlowly(2))) { }

        loaded.ShouldBe([1, 2]);

        void LoadSlowly(int library)
        {
            Thread.Sleep(20);
            loaded.Add(library);
        }
    }

    [Fact]
    public void A_library_that_is_missing_is_left_to_who_uses_it()
    {
        var others = 0;

        using (LoadingAhead.Begin(() => throw new DllNotFoundException("libmissing"), () => others++)) { }

        others.ShouldBe(1);
    }
}
