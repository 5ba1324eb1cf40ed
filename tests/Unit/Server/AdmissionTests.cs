using System.Net;
using Barnabas.Server;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

public sealed class AdmissionTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Fact]
    public void No_more_connections_than_the_limit_are_let_in()
    {
        var story = new ServerStory(options: new SocketServerOptions { MaxConnections = 2 });
        story.Tell(async () =>
        {
            var (first, _, third) =
                (await story.DialAsync(), await story.DialAsync(), await story.DialAsync());
            Assert.Null(await third.ReadAsync());

            await first.Connection.DisposeAsync();
            await story.Pause(TimeSpan.FromMilliseconds(10));
            var fourth = await story.DialAsync();
            await fourth.SendAsync(RawClient.Echo(1));
            Assert.Equal((1, "hello"), await fourth.ReadTextAsync());
        });
    }

    [Fact]
    public void No_more_connections_of_one_address_than_the_limit_are_let_in()
    {
        var story = new ServerStory(options: new SocketServerOptions { MaxConnectionsPerIp = 1 });
        story.Tell(async () =>
        {
            var first = await story.DialAsync("10.0.0.1");
            var second = await story.DialAsync("10.0.0.1");
            var other = await story.DialAsync("10.0.0.2");
            Assert.Null(await second.ReadAsync());
            foreach (var client in new[] { first, other })
            {
                await client.SendAsync(RawClient.Echo(1));
                Assert.Equal((1, "hello"), await client.ReadTextAsync());
            }
        });
    }

    [Fact]
    public void Listeners_and_single_addresses_have_limits_of_their_own()
    {
        var story = new ServerStory(options: new SocketServerOptions
        {
            MaxConnectionsPerIp = 1,
            MaxConnectionsOfAddress = new Dictionary<IPAddress, int> { [IPAddress.Parse("10.0.0.2")] = 2 },
            MaxConnectionsOfListener = new Dictionary<string, int> { ["PLAINTEXT"] = 3 },
        });
        story.Tell(async () =>
        {
            string[] from = ["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.3"];
            var served = new List<bool>();
            foreach (var address in from)
            {
                var client = await story.DialAsync(address);
                await client.SendAsync(RawClient.Echo(1));
                served.Add(await client.ReadAsync() is not null);
            }

            Assert.Equal([true, false, true, true, false, false], served);
        });
    }

    [Fact]
    public void When_the_limit_is_lowered_those_that_were_silent_longest_go()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var clients = new List<RawClient>();
            for (var i = 0; i < 4; i++)
            {
                clients.Add(await story.DialAsync());
                await clients[i].SendAsync(RawClient.Echo(i));
                await clients[i].ReadTextAsync();
                await story.Pause(TimeSpan.FromSeconds(1));
            }

            await clients[0].SendAsync(RawClient.Echo(9));
            await clients[0].ReadTextAsync();
            story.Server.Limit(new SocketServerOptions { MaxConnections = 2 });
            Assert.Null(await clients[1].ReadAsync());
            Assert.Null(await clients[2].ReadAsync());
            Assert.Equal(2, await story.Server.CountAsync());
            Assert.Null(await (await story.DialAsync()).ReadAsync());

            story.Server.Limit(new SocketServerOptions { MaxConnections = 3 });
            await story.Pause(TimeSpan.FromMilliseconds(1));
            foreach (var client in new[] { clients[0], clients[3], await story.DialAsync() })
            {
                await client.SendAsync(RawClient.Echo(1));
                Assert.Equal((1, "hello"), await client.ReadTextAsync());
            }
        });
    }

    [Fact]
    public void Silent_connections_have_a_limit_of_their_own()
    {
        var story = new ServerStory(options: new SocketServerOptions { MaxSilentConnections = 2 });
        story.Tell(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var client = await story.DialAsync();
                await client.SendAsync(RawClient.Echo(i));
                Assert.Equal((i, "hello"), await client.ReadTextAsync());
            }

            var (oldest, second, third) =
                (await story.DialAsync(), await story.DialAsync(), await story.DialAsync());
            Assert.Null(await oldest.ReadAsync());
            foreach (var client in new[] { second, third })
            {
                await client.SendAsync(RawClient.Echo(99));
                Assert.Equal((99, "hello"), await client.ReadTextAsync());
            }
        });
    }

    [Fact]
    public void A_crowd_that_says_nothing_shuts_nobody_out()
    {
        var story = new ServerStory(options: new SocketServerOptions { MaxSilentConnections = 10 });
        story.Tell(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                for (var silent = 0; silent < 20; silent++)
                    await story.DialAsync();
                var client = await story.DialAsync();
                await client.SendAsync(RawClient.Echo(i));
                Assert.Equal((i, "hello"), await client.ReadTextAsync());
            }

            await story.Pause(TimeSpan.FromSeconds(1));
            Assert.InRange(await story.Server.CountAsync(), 20, 31);
        });
    }

    [Fact]
    public void Large_requests_that_stall_do_not_keep_the_memory_from_others()
    {
        const int limit = 8 << 20;
        var story = new ServerStory(options: new SocketServerOptions { RequestMemory = limit });
        story.Tell(async () =>
        {
            var stalled = new List<RawClient>();
            for (var i = 0; i < 20; i++)
            {
                stalled.Add(await story.DialAsync());
                await stalled[i].SendAsync(RawClient.Echo(i, new byte[4 << 20])[..((1 << 20) + 100)]);
            }

            await story.Pause(TimeSpan.FromMilliseconds(100));
            Assert.InRange(story.Server.RequestMemoryUsed, limit / 2, limit + (8 << 20));

            var small = await story.DialAsync();
            var before = story.World.Age;
            await small.SendAsync(RawClient.Echo(99));
            Assert.Equal((99, "hello"), await small.ReadTextAsync());
            Assert.InRange(story.World.Age - before, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));

            var large = await story.DialAsync();
            await large.SendAsync(RawClient.Echo(100, new byte[3 << 20]));
            Assert.Equal(100, (await large.ReadEchoAsync()).CorrelationId);
            Assert.InRange(story.World.Age - before, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        });
    }

    [Fact]
    public void While_memory_is_at_hand_a_large_request_may_pause()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var request = RawClient.Echo(1, new byte[1 << 20]);
            await client.SendAsync(request[..500_000]);
            await story.Pause(TimeSpan.FromSeconds(20));
            await client.SendAsync(request[500_000..]);
            Assert.Equal(1, (await client.ReadEchoAsync()).CorrelationId);
        });
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Requests_wait_for_memory_and_all_are_served(int seed)
    {
        const int limit = 400_000;
        const int size = 300_000;
        var story = new ServerStory(seed, options: new SocketServerOptions { RequestMemory = limit });
        var most = 0L;
        story.Echo.Serve = (_, request) => Pending<SaslAuthenticateResponse>.InOrder(ServeAsync(request));
        story.Tell(async () =>
        {
            var clients = new List<Task>();
            for (var i = 0; i < 12; i++)
                clients.Add(AskAsync(story, i));
            await Task.WhenAll(clients);
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);
        Assert.InRange(most, size, limit + (2 * 524_288));

        async Task<SaslAuthenticateResponse?> ServeAsync(SaslAuthenticateRequest request)
        {
            most = Math.Max(most, story.Server.RequestMemoryUsed);
            await story.Pause(TimeSpan.FromMilliseconds(1 + story.World.Random.Next(20)));
            return ServerStory.EchoHandler.Answer(request);
        }

        static async Task AskAsync(ServerStory story, int id)
        {
            var client = await story.DialAsync();
            for (var i = 0; i < 3; i++)
            {
                await client.SendAsync(RawClient.Echo(id, new byte[size]));
                Assert.Equal(id, (await client.ReadEchoAsync()).CorrelationId);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_server_that_stops_answers_what_it_has_taken_up(int seed)
    {
        var story = new ServerStory(seed);
        story.Echo.Serve = (_, request) => Pending<SaslAuthenticateResponse>.Overlapping(ServeAsync(request));
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var idle = await story.DialAsync();
            await client.SendAsync([RawClient.Echo(1), RawClient.Echo(2)]);
            await story.Pause(TimeSpan.FromMilliseconds(10));
            var stopping = story.Server.StopAsync(TimeSpan.FromSeconds(10));
            Assert.Equal((1, "hello"), await client.ReadTextAsync());
            Assert.Equal((2, "hello"), await client.ReadTextAsync());
            Assert.Null(await client.ReadAsync());
            Assert.Null(await idle.ReadAsync());
            await stopping;
            Assert.InRange(story.World.Age.TotalSeconds, 1, 2);
            await Assert.ThrowsAsync<IOException>(() => story.DialAsync());
        });

        async Task<SaslAuthenticateResponse?> ServeAsync(SaslAuthenticateRequest request)
        {
            await story.Pause(TimeSpan.FromSeconds(1));
            return ServerStory.EchoHandler.Answer(request);
        }
    }

    [Fact]
    public void A_server_that_stops_cuts_what_takes_longer_than_it_may()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, _) => Pending<SaslAuthenticateResponse>.Overlapping(ParkAsync(context));
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await story.Pause(TimeSpan.FromMilliseconds(10));
            await story.Server.StopAsync(TimeSpan.FromSeconds(3));
            Assert.InRange(story.World.Age.TotalSeconds, 3, 4);
            Assert.Null(await client.ReadAsync());
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);

        // As a parked fetch: it waits for what never comes, until its connection is gone.
        static async Task<SaslAuthenticateResponse?> ParkAsync(RequestContext context)
        {
            var gone = new TaskCompletionSource<SaslAuthenticateResponse?>();
            using var registration = context.Connection.Closed.Register(() => gone.SetResult(null));
            return await gone.Task;
        }
    }

    [Fact]
    public void Equal_seeds_give_equal_histories()
    {
        Assert.Equal(TraceOf(7), TraceOf(7));
        Assert.NotEqual(TraceOf(7), TraceOf(8));

        static ulong TraceOf(int seed)
        {
            var story = new ServerStory(seed);
            story.Tell(async () =>
            {
                var client = await story.DialAsync();
                for (var i = 0; i < 50; i++)
                {
                    await client.SendAsync(RawClient.Echo(i));
                    await client.ReadTextAsync();
                }
            });
            return story.World.Trace;
        }
    }
}
