using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Client;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Rpc;

public sealed class PeerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public void Requests_are_pipelined_and_answered_in_order() => Run(async (host, broker) =>
    {
        broker.On<DescribeClusterRequest, DescribeClusterResponse>((_, _) => new() { ClusterId = "c" });
        broker.On<MetadataRequest, MetadataResponse>((request, _) => new() { ClusterId = request.Topics?[0].Name });
        await using var peer = await DialAsync(host);
        var asked = Enumerable.Range(0, 200).Select(i => Ask(peer, $"t{i}")).ToList();
        var cluster = peer.SendAsync(new DescribeClusterRequest(), 2, Patience);
        for (var i = 0; i < asked.Count; i++)
            Assert.Equal($"t{i}", (await asked[i]).ClusterId);
        Assert.Equal("c", (await cluster).ClusterId);
        Assert.Equal(1, broker.Dialled);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_handshake_falls_back_to_what_the_peer_speaks(short last) => Run(async (host, broker) =>
    {
        broker.On<ApiVersionsRequest, ApiVersionsResponse>(
            (_, _) => new() { ApiKeys = [new() { ApiKey = 3, MinVersion = 1, MaxVersion = 9 }] }, 0, last);
        await using var peer = await DialAsync(host);
        Assert.Equal(last, broker.Requests[^1].Version);
        Assert.True(peer.TryChoose<MetadataRequest>(out var version));
        Assert.Equal(9, version);
        Assert.False(peer.TryChoose<MetadataRequest>(out _, first: 10));
        Assert.False(peer.TryChoose<ProduceRequest>(out _));
    });

    [Fact]
    public void A_lost_connection_fails_what_waits_and_says_that_it_may_have_arrived() => Run(async (host, broker) =>
    {
        broker.On<MetadataRequest, MetadataResponse>((_, _) => null);
        await using var peer = await DialAsync(host);
        var (first, second) = (Ask(peer, "a"), Ask(peer, "b"));
        await Task.Delay(TimeSpan.FromSeconds(1), host.Time);
        broker.Cut();
        foreach (var lost in new[] { first, second })
        {
            var fault = await Assert.ThrowsAsync<PeerLostException>(() => lost);
            Assert.True(fault.MayHaveArrived);
            Assert.False(fault.TimedOut);
        }

        Assert.True(peer.IsLost);
        var late = await Assert.ThrowsAsync<PeerLostException>(() => Ask(peer, "c"));
        Assert.False(late.MayHaveArrived);
    });

    [Fact]
    public void A_late_answer_costs_the_connection() => Run(async (host, broker) =>
    {
        broker.On<MetadataRequest, MetadataResponse>((_, _) => null);
        await using var peer = await DialAsync(host);
        var patient = peer.SendAsync(Request("a"), 9, TimeSpan.FromMinutes(10));
        var before = host.Time.GetTimestamp();
        var fault = await Assert.ThrowsAsync<PeerLostException>(() => Ask(peer, "b"));
        Assert.True(fault.TimedOut);
        Assert.InRange(host.Time.GetElapsedTime(before), Patience, Patience + TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<PeerLostException>(() => patient);
    });

    [Fact]
    public void No_more_than_the_bound_is_under_way() => Run(async (host, broker) =>
    {
        var waiting = new Queue<MetadataRequest>();
        broker.On<MetadataRequest, MetadataResponse>((request, _) =>
        {
            waiting.Enqueue(request);
            return null;
        });
        await using var peer = await DialAsync(host, new PeerOptions { MaxInFlight = 3 });
        var asked = Enumerable.Range(0, 10).Select(i => Ask(peer, $"t{i}")).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1), host.Time);
        Assert.Equal(3, waiting.Count);
        Assert.Equal(10, peer.Outstanding);
        broker.Cut();
        var arrived = 0;
        foreach (var lost in asked)
            arrived += (await Assert.ThrowsAsync<PeerLostException>(() => lost)).MayHaveArrived ? 1 : 0;
        Assert.Equal(3, arrived);
    });

    [Fact]
    public void A_stated_length_beyond_the_limit_costs_the_connection_before_memory_is_taken() => Run(
        async (host, broker) =>
        {
            broker.On<MetadataRequest, MetadataResponse>((_, _) => new() { ClusterId = new string('x', 5000) });
            await using var peer = await DialAsync(host, new PeerOptions { MaxFrameSize = 4000 });
            var fault = await Assert.ThrowsAsync<PeerLostException>(() => Ask(peer, "a"));
            Assert.Contains("outside 4 to 4000", fault.Message, StringComparison.Ordinal);
        });

    [Fact]
    public void A_request_without_an_answer_completes_when_it_has_left() => Run(async (host, broker) =>
    {
        broker.On<ProduceRequest, ProduceResponse>((_, _) => null);
        broker.On<MetadataRequest, MetadataResponse>((request, _) => new() { ClusterId = request.Topics?[0].Name });
        await using var peer = await DialAsync(host);
        for (var i = 0; i < 20; i++)
        {
            await peer.SendOneWayAsync(new ProduceRequest { Acks = 0 }, 9, Patience);
            Assert.Equal($"t{i}", (await Ask(peer, $"t{i}")).ClusterId);
        }

        Assert.Equal(20, broker.Of<ProduceRequest>().Count);
        Assert.Equal(0, peer.Outstanding);
    });

    [Fact]
    public void A_leased_answer_lives_until_it_is_given_back() => Run(async (host, broker) =>
    {
        var bytes = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();
        broker.On<FetchRequest, FetchResponse>((_, _) => new()
        {
            Responses = [new() { Partitions = [new() { Records = new RecordBytes(bytes) }] }],
        });
        await using var peer = await DialAsync(host);
        using var leased = await peer.SendLeasedAsync(new FetchRequest(), 12, Patience);
        var records = leased.Message.Responses[0].Partitions[0].Records!.Value.Memory;
        Assert.True(records.Span.SequenceEqual(bytes));
    });

    [Fact]
    public void Nobody_listening_is_an_IOException() => Run(async (host, _) =>
        await Assert.ThrowsAnyAsync<IOException>(
            () => Peer.DialAsync(host, "127.0.0.1", 1, new PeerOptions(), FakeCluster.Never)));

    private static MetadataRequest Request(string topic) => new() { Topics = [new() { Name = topic }] };

    private static Task<MetadataResponse> Ask(Peer peer, string topic) => peer.SendAsync(Request(topic), 9, Patience);

    private static Task<Peer> DialAsync(Host host, PeerOptions? options = null) =>
        Peer.DialAsync(host, "127.0.0.1", 9092, options ?? new PeerOptions { ClientId = "test" });

    private static void Run(Func<Host, FakeBroker, Task> story)
    {
        foreach (var seed in Enumerable.Range(1, 5))
        {
            var world = new World(seed);
            var host = world.NewHost(null!);
            var broker = new FakeBroker(host);
            world.Run(() => story(host, broker));
        }
    }
}
