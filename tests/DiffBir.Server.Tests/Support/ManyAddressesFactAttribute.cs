using System.Net;
using System.Net.Sockets;

namespace DiffBir.Server.Tests.Support;

/// <summary>A fact about clients at different addresses; skipped where the machine has only one that leads to itself.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ManyAddressesFactAttribute : FactAttribute
{
    public ManyAddressesFactAttribute() => Skip = CanBind() ? null : $"{Other} is no address of this machine.";

    /// <summary>Another address than the usual one.</summary>
    public static IPAddress Other { get; } = IPAddress.Parse("127.0.0.2");

    private static bool CanBind()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(Other, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
