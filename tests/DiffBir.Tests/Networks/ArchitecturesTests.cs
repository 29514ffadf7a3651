using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using DiffBir.Networks;

namespace DiffBir.Tests.Networks;

/// <summary>What a program touches first must not decide whether packs can be read.</summary>
public sealed class ArchitecturesTests
{
    public static TheoryData<string> Configs =>
        [.. Architectures.Known.All.Select(architecture => architecture.ConfigType.FullName!).Distinct()];

    [Theory]
    [MemberData(nameof(Configs))]
    public void Whichever_sizes_are_touched_first_every_network_has_its_official_ones(string first)
    {
        const BindingFlags any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var context = new AssemblyLoadContext(first, isCollectible: true);
        try
        {
            var library = context.LoadFromAssemblyPath(typeof(Architectures).Assembly.Location);
            RuntimeHelpers.RunClassConstructor(library.GetType(first, throwOnError: true)!.TypeHandle);

            var type = library.GetType(typeof(Architectures).FullName!, throwOnError: true)!;
            var known = type.GetProperty(nameof(Architectures.Known), any)!.GetValue(null);
            var all = (IEnumerable)type.GetProperty(nameof(Architectures.All), any)!.GetValue(known)!;

            foreach (var architecture in all)
            {
                var official = architecture
                    .GetType()
                    .GetProperty(nameof(Architecture.OfficialConfig), any)!
                    .GetValue(architecture);
                official.ShouldNotBeNull(architecture.ToString());
            }
        }
        finally
        {
            context.Unload();
        }
    }
}
