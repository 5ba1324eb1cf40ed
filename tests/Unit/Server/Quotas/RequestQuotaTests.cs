using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Server;
using Barnabas.Server.Quotas;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Cluster;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server.Quotas;

/// <summary>The quota on time, with a clock that goes on while a handler works.</summary>
public sealed class RequestQuotaTests
{
    private static readonly QuotaConfig Config = new()
    {
        ClientWindow = TimeSpan.FromSeconds(10),
        LongestPause = TimeSpan.FromSeconds(1),
        MutationWindow = TimeSpan.FromSeconds(11),
    };

    [Fact]
    public void A_client_gets_the_share_of_time_its_quota_allows()
    {
        var (story, work) = Begin(percentage: 20);
        story.Echo.Serve = (_, request) =>
        {
            work(TimeSpan.FromMilliseconds(100));
            return ServerStory.EchoHandler.Answer(request);
        };

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            for (var i = 0; i < 500; i++)
            {
                await client.SendAsync(RawClient.Echo(i));
                await client.ReadTextAsync();
            }

            // 50 s of work at a fifth of the time, the first 2 s of it on credit.
            var spent = story.Host.Time.GetElapsedTime(0).TotalSeconds;
            Assert.InRange(spent, (50 - 2) / 0.2 * 0.99, (50 - 2) / 0.2 * 1.03);
        });
    }

    [Fact]
    public void It_is_held_back_for_a_window_at_most_and_told_so()
    {
        var (story, work) = Begin(percentage: 1);
        story.Echo.Serve = (_, request) =>
        {
            work(TimeSpan.FromSeconds(30));
            return ServerStory.EchoHandler.Answer(request);
        };

        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await client.ReadTextAsync();
            var before = story.World.Age;
            await client.SendAsync(RawClient.Request(
                new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }, 3, 2));
            var answer = await client.ReadAsync();
            Assert.InRange((story.World.Age - before).TotalSeconds, 1, 1.1);
            var reader = new WireReader(answer.AsMemory(4));
            Assert.Equal(1000, ApiVersionsResponse.Read(ref reader, 3).ThrottleTimeMs);
        });
    }

    [Fact]
    public void Others_do_not_wait()
    {
        var (story, work) = Begin(percentage: 1, who: "slow");
        story.Echo.Serve = (_, request) =>
        {
            work(TimeSpan.FromMilliseconds(request.AuthBytes.Length));
            return ServerStory.EchoHandler.Answer(request);
        };

        story.Tell(async () =>
        {
            var (slow, quick) = (await story.DialAsync(), await story.DialAsync());
            await slow.SendAsync(RawClient.Request(
                new SaslAuthenticateRequest { AuthBytes = new byte[10_000] }, 1, 1, "slow"));
            await slow.ReadAsync();
            var before = story.World.Age;
            for (var i = 0; i < 100; i++)
            {
                await quick.SendAsync(RawClient.Echo(i, new byte[100]));
                await quick.ReadAsync();
            }

            Assert.True(story.World.Age - before < TimeSpan.FromSeconds(1));
        });
    }

    private static (ServerStory Story, Action<TimeSpan> Work) Begin(double percentage, string? who = null)
    {
        var state = ClusterState.Empty.After(AlterClientQuotas.Decide(ClusterState.Empty, new()
        {
            Entries =
            [
                new()
                {
                    Entity = [new() { EntityType = "client-id", EntityName = who }],
                    Ops = [new() { Key = QuotaKeys.RequestPercentage, Value = percentage }],
                },
            ],
        }));
        WorkingClock? clock = null;
        ClientQuotas? quotas = null;
        var story = new ServerStory(
            prepare: world =>
            {
                clock = new WorkingClock(world);
                quotas = new ClientQuotas(() => state, clock, Config);
            },
            dress: host => host with { Time = clock! },
            optionsOf: _ => new SocketServerOptions { Quotas = quotas });
        return (story, time => clock!.Work(time));
    }

    /// <summary>The world's clock, and the time that work has taken on top.</summary>
    private sealed class WorkingClock(World world) : TimeProvider
    {
        private long _worked;

        public override long TimestampFrequency => world.TimestampFrequency;

        public override long GetTimestamp() => world.GetTimestamp() + _worked;

        public override DateTimeOffset GetUtcNow() => world.GetUtcNow().AddTicks(_worked);

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            world.CreateTimer(callback, state, dueTime, period);

        public void Work(TimeSpan time) => _worked += time.Ticks;
    }
}
