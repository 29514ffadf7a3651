using DiffBir.Cluster.Queues;
using NATS.Client.Core;

namespace DiffBir.Cluster.Nats;

/// <summary>Asks the server, and says in one sentence what went wrong.</summary>
/// <param name="server">What may be said of the server.</param>
internal sealed class NatsCalls(string server)
{
    /// <summary>Asks.</summary>
    /// <exception cref="QueueException">The server does not answer, or refuses.</exception>
    public async Task<T> Ask<T>(Func<ValueTask<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception error) when (error is NatsException or IOException or TimeoutException)
        {
            throw new QueueException(
                $"The queue at {server} does not answer as it should ({error.Message.TrimEnd('.')}).",
                error
            );
        }
    }

    /// <inheritdoc cref="Ask{T}"/>
    public Task Ask(Func<ValueTask> ask) =>
        Ask(async () =>
        {
            await ask();
            return true;
        });
}
