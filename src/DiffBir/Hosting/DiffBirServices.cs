using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DiffBir.Hosting;

/// <summary>Adds DiffBir to a program's services.</summary>
public static class DiffBirServices
{
    /// <summary>Adds a <see cref="RestorerPool"/> that lives as long as the program.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Changes the options; more changes may come from <c>services.Configure&lt;DiffBirOptions&gt;</c>.</param>
    public static IServiceCollection AddDiffBir(this IServiceCollection services, Action<DiffBirOptions>? configure = null)
    {
        services.Configure(configure ?? (_ => { }));
        services.TryAddSingleton(static provider => new RestorerPool(
            provider.GetRequiredService<IOptions<DiffBirOptions>>().Value,
            provider.GetService<ILogger<RestorerPool>>(),
            provider.GetService<TimeProvider>()
        ));
        return services;
    }
}
