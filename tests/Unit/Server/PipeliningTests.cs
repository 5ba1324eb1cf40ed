using Barnabas.Server;
using Barnabas.Wire.Messages;
using EchoHandler = Barnabas.Tests.Unit.Server.ServerStory.EchoHandler;

namespace Barnabas.Tests.Unit.Server;

public sealed class PipeliningTests
{
    private static readonly int[] Sizes = [10, 5_000, 70_000, 300_000, 100, 9_000, 65_532, 65_536, 1];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Answers_leave_in_the_order_of_the_requests_whichever_is_ready_first(int seed)
    {
        var story = new ServerStory(seed);
        story.Echo.Serve = (_, request) =>
            Pending<SaslAuthenticateResponse>.Overlapping(LaterAsync(story, request));

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Enumerable.Range(0, 200).Select(i => RawClient.Echo(i, $"text {i}")));
            for (var i = 0; i < 200; i++)
                Assert.Equal((i, $"text {i}"), await client.ReadTextAsync());
        });
    }

    [Fact]
    public void Answers_that_become_ready_together_leave_together()
    {
        var story = new ServerStory();
        var ready = new TaskCompletionSource();
        story.Echo.Serve = (_, request) => Pending<SaslAuthenticateResponse>.Overlapping(ServeAsync(request));

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Enumerable.Range(0, 10).Select(i => RawClient.Echo(i)));
            await story.Pause(TimeSpan.FromSeconds(1));
            ready.SetResult();
            var instants = new HashSet<long>();
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal((i, "hello"), await client.ReadTextAsync());
                instants.Add(story.World.GetTimestamp());
            }

            // What is sent apart arrives apart.
            Assert.Single(instants);
        });

        async Task<SaslAuthenticateResponse?> ServeAsync(SaslAuthenticateRequest request)
        {
            await ready.Task;
            return ServerStory.EchoHandler.Answer(request);
        }
    }

    [Fact]
    public void A_request_answered_in_order_holds_back_the_next()
    {
        var story = new ServerStory();
        var (serving, most) = (0, 0);
        story.Echo.Serve = (_, request) => Pending<SaslAuthenticateResponse>.InOrder(ServeAsync(request));

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Enumerable.Range(0, 50).Select(i => RawClient.Echo(i)));
            for (var i = 0; i < 50; i++)
                Assert.Equal((i, "hello"), await client.ReadTextAsync());
        });
        Assert.Equal(1, most);

        async Task<SaslAuthenticateResponse?> ServeAsync(SaslAuthenticateRequest request)
        {
            most = Math.Max(most, ++serving);
            var answer = await LaterAsync(story, request);
            serving--;
            return answer;
        }
    }

    [Fact]
    public void No_more_requests_are_in_flight_than_the_limit()
    {
        var story = new ServerStory(limits: new ConnectionLimits { MaxInFlight = 8 });
        var (serving, most) = (0, 0);
        story.Echo.Serve = (_, request) => Pending<SaslAuthenticateResponse>.Overlapping(ServeAsync(request));

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Enumerable.Range(0, 100).Select(i => RawClient.Echo(i)));
            for (var i = 0; i < 100; i++)
                Assert.Equal(i, (await client.ReadTextAsync()).CorrelationId);
        });
        Assert.InRange(most, 2, 8);

        async Task<SaslAuthenticateResponse?> ServeAsync(SaslAuthenticateRequest request)
        {
            most = Math.Max(most, ++serving);
            var answer = await LaterAsync(story, request);
            serving--;
            return answer;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Bytes_may_arrive_one_at_a_time(int seed)
    {
        var story = new ServerStory(seed, prepare: world => world.Network.MostAtOnce = 1);

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            for (var i = 0; i < 5; i++)
            {
                foreach (var b in RawClient.Echo(i, "byte by byte"))
                    await client.SendAsync(b);
                Assert.Equal((i, "byte by byte"), await client.ReadTextAsync());
            }
        });
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_frame_is_reused_while_an_answer_refers_to_it(int seed)
    {
        var story = new ServerStory(seed);
        story.Echo.Serve = (_, request) =>
            Pending<SaslAuthenticateResponse>.Overlapping(LaterAsync(story, request));

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var sending = SendPatternsAsync(client);
            for (var i = 0; i < Sizes.Length * 4; i++)
            {
                var (id, bytes) = await client.ReadEchoAsync();
                Assert.Equal(i, id);
                Assert.Equal(Pattern(i, Sizes[i % Sizes.Length]), bytes);
            }

            await sending;
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);
    }

    [Fact]
    public void A_client_that_does_not_read_its_answers_stops_being_read_and_loses_nothing_when_it_does()
    {
        var story = new ServerStory(prepare: world => world.Network.Window = 16 * 1024);

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var sending = client.SendAsync(
                Enumerable.Range(0, 10_000).Select(i => RawClient.Echo(i, $"text {i}"))).AsTask();
            await story.Pause(TimeSpan.FromSeconds(20));
            Assert.False(sending.IsCompleted);
            Assert.True(story.Echo.Calls < 10_000);
            Assert.InRange(story.Server.RequestMemoryUsed, 1, 64 * 1024);

            for (var i = 0; i < 10_000; i++)
                Assert.Equal((i, $"text {i}"), await client.ReadTextAsync());
            await sending;
        });
    }

    [Fact]
    public void A_client_that_never_reads_its_answers_is_cut()
    {
        var story = new ServerStory(prepare: world => world.Network.Window = 16 * 1024);

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            var requests = Enumerable.Range(0, 10_000).Select(i => RawClient.Echo(i));
            await Assert.ThrowsAsync<IOException>(() => client.SendAsync(requests).AsTask());
            Assert.InRange(story.World.Age.TotalSeconds, 60, 61);
            await story.Pause(TimeSpan.FromSeconds(1));
            Assert.Equal(0, await story.Server.CountAsync());
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);
    }

    [Fact]
    public void A_request_without_an_answer_gets_none()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, request) => context.CorrelationId % 2 == 0
            ? EchoHandler.Answer(request)
            : Pending<SaslAuthenticateResponse>.None;

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Enumerable.Range(0, 10).Select(i => RawClient.Echo(i)));
            for (var i = 0; i < 10; i += 2)
                Assert.Equal((i, "hello"), await client.ReadTextAsync());
        });
    }

    [Fact]
    public void A_throttled_client_is_answered_at_once_and_read_later()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, request) =>
        {
            context.Throttle(TimeSpan.FromSeconds(5));
            return EchoHandler.Answer(request);
        };

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await client.ReadTextAsync();
            Assert.True(story.World.Age < TimeSpan.FromSeconds(1));
            await client.SendAsync(RawClient.Echo(2));
            await client.ReadTextAsync();
            Assert.InRange(story.World.Age.TotalSeconds, 5, 6);
        });
    }

    [Fact]
    public void Requests_that_were_sent_ahead_wait_too()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, request) =>
        {
            context.Throttle(TimeSpan.FromSeconds(5));
            return Pending<SaslAuthenticateResponse>.Overlapping(LateAsync(request));
        };

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(Enumerable.Range(0, 4).Select(i => RawClient.Echo(i)));
            for (var i = 0; i < 4; i++)
            {
                Assert.Equal((i, "hello"), await client.ReadTextAsync());
                Assert.InRange(story.World.Age.TotalSeconds, (5 * i) + 0.1, (5 * i) + 1);
            }
        });

        async Task<SaslAuthenticateResponse?> LateAsync(SaslAuthenticateRequest request)
        {
            await story.Pause(TimeSpan.FromMilliseconds(100));
            return EchoHandler.Answer(request);
        }
    }

    [Fact]
    public void A_server_that_stops_does_not_wait_for_clients_that_have_to()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, request) =>
        {
            context.Throttle(TimeSpan.FromHours(1));
            return EchoHandler.Answer(request);
        };

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await client.ReadTextAsync();
            await story.Server.StopAsync(TimeSpan.FromSeconds(30));
            Assert.True(story.World.Age < TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public void The_frame_can_go_before_the_answer_does()
    {
        var story = new ServerStory();
        story.Echo.Serve = (context, _) =>
        {
            context.ReleaseFrame();
            return Pending<SaslAuthenticateResponse>.InOrder(AnswerAsync());
        };

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1, new byte[200_000]));
            await story.Pause(TimeSpan.FromSeconds(1));
            Assert.Equal(1, story.Echo.Calls);
            Assert.Equal(0, story.Server.RequestMemoryUsed);
            Assert.Equal(1, (await client.ReadEchoAsync()).CorrelationId);
        });

        async Task<SaslAuthenticateResponse?> AnswerAsync()
        {
            await story.Pause(TimeSpan.FromSeconds(3));
            return new SaslAuthenticateResponse();
        }
    }

    private static async Task SendPatternsAsync(RawClient client)
    {
        for (var i = 0; i < Sizes.Length * 4; i++)
            await client.SendAsync(RawClient.Echo(i, Pattern(i, Sizes[i % Sizes.Length])));
    }

    private static byte[] Pattern(int seed, int size)
    {
        var bytes = new byte[size];
        new Sim.SimRandom((ulong)seed).Fill(bytes);
        return bytes;
    }

    private static async Task<SaslAuthenticateResponse?> LaterAsync(
        ServerStory story, SaslAuthenticateRequest request)
    {
        await story.Pause(TimeSpan.FromMicroseconds(story.World.Random.Next(2000)));
        return EchoHandler.Answer(request);
    }
}
