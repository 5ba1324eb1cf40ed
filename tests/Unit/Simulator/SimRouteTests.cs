using System.Net;
using System.Text;
using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Simulator;

/// <summary>What becomes of connections when harm comes to the routes between two machines.</summary>
public sealed class SimRouteTests
{
    private const int Port = 9092;
    private static readonly IPAddress Client = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Server = IPAddress.Parse("10.0.0.2");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly World _world = new(1);

    [Fact]
    public void What_is_sent_into_a_cut_arrives_after_it_in_order() => Tell(async (here, there) =>
    {
        _world.Network.Cut(Client, Server);
        await SendAsync(here, "a");
        await SendAsync(here, "b");
        var received = ReceiveAsync(there, 2);
        await Task.Delay(10 * Second, _world);
        Assert.False(received.IsCompleted);
        _world.Network.Heal();
        await SendAsync(here, "c");
        Assert.Equal("ab", await received);
        Assert.Equal("c", await ReceiveAsync(there, 1));
    });

    [Fact]
    public void What_was_under_way_when_the_route_was_cut_is_held_up() => Tell(async (here, there) =>
    {
        await SendAsync(here, "a");
        _world.Network.Route(Client, Server).Cut();
        var received = ReceiveAsync(there, 1);
        await Task.Delay(Second, _world);
        Assert.False(received.IsCompleted);
        _world.Network.Heal();
        Assert.Equal("a", await received);
    });

    [Fact]
    public void A_cut_of_one_way_leaves_the_other() => Tell(async (here, there) =>
    {
        _world.Network.Route(Client, Server).Cut();
        await SendAsync(there, "b");
        Assert.Equal("b", await ReceiveAsync(here, 1));
        await SendAsync(here, "a");
        var received = ReceiveAsync(there, 1);
        await Task.Delay(Second, _world);
        Assert.False(received.IsCompleted);
        _world.Network.Heal();
        Assert.Equal("a", await received);
    });

    [Fact]
    public void A_second_cut_holds_up_what_the_first_did() => Tell(async (here, there) =>
    {
        var route = _world.Network.Route(Client, Server);
        route.Cut();
        await SendAsync(here, "a");
        await Task.Delay(Second, _world);
        route.Heal();
        route.Cut();
        await SendAsync(here, "b");
        var received = ReceiveAsync(there, 2);
        await Task.Delay(Second, _world);
        Assert.False(received.IsCompleted);
        route.Heal();
        Assert.Equal("ab", await received);
    });

    [Fact]
    public void The_end_of_a_connection_is_unknown_across_a_cut() => Tell(async (here, there) =>
    {
        _world.Network.Cut(Client, Server);
        here.Abort();
        var received = ReceiveAsync(there, 1);
        await Task.Delay(10 * Second, _world);
        Assert.False(received.IsCompleted);
        _world.Network.Heal();
        await Assert.ThrowsAsync<IOException>(() => received);
    });

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_dial_across_a_cut_hangs_until_its_caller_gives_up(bool there, bool back) => Tell(async (_, _) =>
    {
        if (there)
            _world.Network.Route(Client, Server).Cut();
        if (back)
            _world.Network.Route(Server, Client).Cut();
        using var patience = new CancellationTokenSource(5 * Second, _world);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DialAsync(Client, patience.Token));
    });

    [Fact]
    public void A_dial_across_a_cut_succeeds_after_it_or_fails_by_itself_in_the_end() => Tell(async (_, _) =>
    {
        _world.Network.Cut(Client, Server);
        var dial = DialAsync(Client);
        await Task.Delay(5 * Second, _world);
        Assert.False(dial.IsCompleted);
        _world.Network.Heal();
        (await dial).Abort();

        _world.Network.Cut(Client, Server);
        await Assert.ThrowsAsync<IOException>(() => DialAsync(Client));
    });

    [Fact]
    public void A_slow_route_takes_its_time_and_keeps_the_order() => Tell(async (here, there) =>
    {
        var route = _world.Network.Route(Client, Server);
        var begun = _world.Age;
        route.Delay = 3 * Second;
        await SendAsync(here, "a");
        route.Delay = TimeSpan.Zero;
        await SendAsync(here, "b");
        Assert.Equal("ab", await ReceiveAsync(there, 2));
        Assert.True(_world.Age - begun >= 3 * Second);
    });

    [Fact]
    public void What_is_sent_into_a_clogged_route_comes_at_once_when_it_is_clear() => Tell(async (here, there) =>
    {
        var begun = _world.Age;
        _world.Network.Route(Client, Server).Clog(2 * Second);
        await SendAsync(here, "a");
        await Task.Delay(Second, _world);
        await SendAsync(here, "b");
        Assert.Equal("ab", await ReceiveAsync(there, 2));
        Assert.Equal(2, (int)(_world.Age - begun).TotalSeconds);
    });

    [Fact]
    public void A_reset_ends_a_connection_at_both_ends_and_only_those_of_the_route() => Tell(async (here, there) =>
    {
        await using var other = await DialAsync(IPAddress.Loopback);
        _world.Network.Route(Server, Client).Reset();
        await Assert.ThrowsAsync<IOException>(() => ReceiveAsync(here, 1));
        await Assert.ThrowsAsync<IOException>(() => SendAsync(there, "b"));
        await SendAsync(other, "c");
    });

    private static async Task SendAsync(IConnection connection, string text) =>
        await connection.SendAsync([Encoding.ASCII.GetBytes(text)]);

    private static async Task<string> ReceiveAsync(IConnection connection, int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count;)
            i += await connection.ReceiveAsync(bytes.AsMemory(i));
        return Encoding.ASCII.GetString(bytes);
    }

    private async Task<IConnection> DialAsync(IPAddress from, CancellationToken? stop = null) => await _world.Network
        .At(from).DialAsync($"{Server}", Port, stop ?? TestContext.Current.CancellationToken);

    private void Tell(Func<IConnection, IConnection, Task> story) => _world.Run(async () =>
    {
        await using var listener = _world.Network.At(Server).Listen(new IPEndPoint(IPAddress.Any, Port));
        var here = await DialAsync(Client);
        var there = await listener.AcceptAsync();
        await story(here, there!);
    });
}
