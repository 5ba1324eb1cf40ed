using System.Buffers.Binary;
using System.Text;
using Barnabas.Base;
using Barnabas.Server;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

public sealed class HostileBytesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100 * 1024 * 1024 + 1)]
    [InlineData(int.MaxValue)]
    public void A_length_that_is_none_closes_the_connection_and_takes_no_memory(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        Assert.True(IsClosedAfter(bytes));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001")]
    public void Another_protocol_is_closed(string bytes) =>
        Assert.True(IsClosedAfter(Encoding.Latin1.GetBytes(bytes)));

    [Fact]
    public void An_unknown_key_is_closed() =>
        Assert.True(IsClosedAfter(RawClient.Framed([0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff])));

    [Fact]
    public void An_unknown_version_is_closed() =>
        Assert.True(IsClosedAfter(RawClient.Framed([0, 36, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0, 0])));

    [Fact]
    public void A_header_that_ends_early_is_closed() =>
        Assert.True(IsClosedAfter(RawClient.Framed([0, 36, 0, 1, 0, 0, 0, 1, 0, 9, 65])));

    [Fact]
    public void A_body_that_ends_early_is_closed() =>
        Assert.True(
            IsClosedAfter(RawClient.Framed([0, 36, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff])));

    [Fact]
    public void Bytes_behind_the_body_are_let_pass()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Framed([.. RawClient.Echo(1)[4..], 1, 2, 3]));
            Assert.Equal((1, "hello"), await client.ReadTextAsync());
        });
    }

    [Fact]
    public void A_malformed_request_costs_its_own_connection_only_and_no_answer_before_it()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var (good, bad) = (await story.DialAsync(), await story.DialAsync());
            await bad.SendAsync([RawClient.Echo(1), RawClient.Echo(2), RawClient.Framed(new byte[8])]);
            Assert.Equal((1, "hello"), await bad.ReadTextAsync());
            Assert.Equal((2, "hello"), await bad.ReadTextAsync());
            Assert.Null(await bad.ReadAsync());

            await good.SendAsync(RawClient.Echo(3));
            Assert.Equal((3, "hello"), await good.ReadTextAsync());
            Assert.Equal(1, await story.Server.CountAsync());
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(150_000)]
    public void Half_a_request_and_then_the_end_leaves_nothing_behind(int bytes)
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1, new byte[200_000])[..bytes]);
            await story.Pause(Soon);
            await client.Connection.DisposeAsync();
            await story.Pause(Soon);
            Assert.Equal(0, await story.Server.CountAsync());
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);
        Assert.Equal(0, story.Echo.Calls);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void Memory_follows_what_has_arrived_not_what_the_length_says(int arrived)
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var bytes = new byte[arrived];
            BinaryPrimitives.WriteInt32BigEndian(bytes, 100 * 1024 * 1024);
            await client.SendAsync(bytes);
            await story.Pause(Soon);
            Assert.InRange(story.Server.RequestMemoryUsed, 0, Math.Max(64 * 1024, 2 * arrived));
        });
    }

    [Fact]
    public void A_first_request_beyond_its_limit_is_closed_and_a_later_one_is_not()
    {
        var story = new ServerStory(limits: new ConnectionLimits { MaxFirstRequestBytes = 4096 });
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1, new byte[5000]));
            Assert.Null(await client.ReadAsync());

            client = await story.DialAsync();
            await client.SendAsync([RawClient.Echo(1), RawClient.Echo(2, new byte[5000])]);
            Assert.Equal(1, (await client.ReadEchoAsync()).CorrelationId);
            Assert.Equal(2, (await client.ReadEchoAsync()).CorrelationId);
        });
    }

    [Fact]
    public void A_handler_that_fails_costs_its_own_connection_only()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, request) => context.CorrelationId switch
        {
            13 => throw new KeyNotFoundException("a mistake of ours"),
            14 => Pending<SaslAuthenticateResponse>.InOrder(
                Task.FromException<SaslAuthenticateResponse?>(new OverflowException("another"))),
            _ => ServerStory.EchoHandler.Answer(request),
        };
        story.Tell(async () =>
        {
            foreach (var fatal in Enumerable.Range(13, 2))
            {
                var client = await story.DialAsync();
                await client.SendAsync([RawClient.Echo(1), RawClient.Echo(fatal), RawClient.Echo(2)]);
                Assert.Equal((1, "hello"), await client.ReadTextAsync());
                Assert.Null(await client.ReadAsync());
            }

            await story.Pause(Soon);
            Assert.Equal(0, await story.Server.CountAsync());
        });
        Assert.Empty(story.Halts);
        Assert.Equal(0, story.Server.RequestMemoryUsed);
    }

    [Fact]
    public void A_broken_invariant_halts_the_node()
    {
        var story = new ServerStory();
        story.Echo.Serve = (_, _) => throw new InvariantBrokenException("two and two are five");
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await story.Pause(Soon);
        });
        Assert.IsType<InvariantBrokenException>(Assert.Single(story.Halts));
    }

    [Fact]
    public void Random_bytes_never_stop_the_server()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var story = new ServerStory(seed);
            var bytes = new byte[story.World.Random.Next(300)];
            story.World.Random.Fill(bytes);
            var mutated = RawClient.Request(new ApiVersionsRequest { ClientSoftwareName = "a" }, 3, 1);
            var at = 4 + story.World.Random.Next(mutated.Length - 4);
            mutated[at] ^= (byte)(1 + story.World.Random.Next(255));
            story.Tell(async () =>
            {
                await (await story.DialAsync()).SendAsync(RawClient.Framed(bytes));
                await (await story.DialAsync()).SendAsync(mutated);
                var client = await story.DialAsync();
                await client.SendAsync(RawClient.Echo(1));
                Assert.Equal((1, "hello"), await client.ReadTextAsync());
            });
            Assert.Empty(story.Halts);
        }
    }

    private static bool IsClosedAfter(byte[] bytes)
    {
        var story = new ServerStory();
        var closed = false;
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(bytes);
            closed = await client.ReadAsync() is null;
            await story.Pause(Soon);
            closed &= await story.Server.CountAsync() == 0;
        });
        return closed && story.World.Age < TimeSpan.FromSeconds(2) && story.Server.RequestMemoryUsed == 0;
    }
}
