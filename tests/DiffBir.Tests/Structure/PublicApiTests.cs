using DiffBir.Tests.Support;
using PublicApiGenerator;

namespace DiffBir.Tests.Structure;

/// <summary>What users of the library can name is a text that is reviewed.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_as_approved() =>
        typeof(Restorer)
            .Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ShouldBeApproved("Structure/DiffBir");
}
