using DiffBir.Cluster.Nats;

namespace DiffBir.Cluster.Tests.Nats;

public sealed class NatsAddressTests
{
    [Theory]
    [InlineData("nats://host", "nats://host:4222/", null, null, null)]
    [InlineData("host:4333", "nats://host:4333/", null, null, null)]
    [InlineData("tls://me:p%40ss@host", "tls://host:4222/", "me", "p@ss", null)]
    [InlineData("nats://a-token@host", "nats://host:4222/", null, null, "a-token")]
    public void An_address_is_taken_apart(string text, string server, string? user, string? password, string? token)
    {
        var address = NatsAddress.Parse(text);

        (address.Server.ToString(), address.User, address.Password, address.Token).ShouldBe((server, user, password, token));
        address.ToString().ShouldNotContain("p@ss");
        address.ToString().ShouldNotContain("a-token");
    }

    [Theory]
    [InlineData("http://me:secret@host")]
    [InlineData("nats://me:secret@")]
    [InlineData("nats://me:secret@host/path")]
    public void What_is_none_is_refused_without_repeating_it(string text)
    {
        var refused = Should.Throw<QueueAddressException>(() => NatsAddress.Parse(text));

        refused.Message.ShouldContain("nats://host:4222");
        refused.ToString().ShouldNotContain("secret");
    }
}
