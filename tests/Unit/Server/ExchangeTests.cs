using Barnabas.Server;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

/// <summary>Requests that wait no longer than their clients let them.</summary>
public sealed class ExchangeTests
{
    [Fact]
    public void Each_is_answered_when_its_own_time_is_over_in_the_order_of_the_requests()
    {
        var (story, handler) = Story();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync([Request(1, 3000), Request(2, 1000), Request(3, 5000), Request(4, 4000)]);
            foreach (var (id, seconds) in ((int, int)[])[(1, 3), (2, 3), (3, 5), (4, 5)])
            {
                Assert.Equal(id, await CorrelationIdAsync(client));
                Assert.InRange(story.World.Age.TotalSeconds, seconds, seconds + 0.5);
            }

            // Those that are over leave nothing behind.
            await client.SendAsync([Request(5, 2000)]);
            Assert.Equal(5, await CorrelationIdAsync(client));
            Assert.InRange(story.World.Age.TotalSeconds, 7, 7.5);
        });
        Assert.Equal(5, handler.Expired);
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void They_are_answered_as_the_server_stops()
    {
        var (story, handler) = Story();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync([.. Enumerable.Range(1, 5).Select(static id => Request(id, 1000 * ((id % 3) + 1)))]);
            await story.Pause(TimeSpan.FromMilliseconds(100));
            var stopping = story.Server.StopAsync(TimeSpan.FromSeconds(30));
            for (var id = 1; id <= 5; id++)
                Assert.Equal(id, await CorrelationIdAsync(client));
            Assert.Null(await client.ReadAsync());
            await stopping;
            Assert.InRange(story.World.Age.TotalSeconds, 3, 3.5);
        });
        Assert.Equal(5, handler.Expired);
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_client_that_goes_away_is_not_waited_for()
    {
        var (story, handler) = Story();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync([Request(1, 60_000), Request(2, 60_000)]);
            await story.Pause(TimeSpan.FromMilliseconds(100));
            Assert.Equal(1, await story.Server.CountAsync());
            await client.Connection.DisposeAsync();
            await story.Pause(TimeSpan.FromMilliseconds(100));
            Assert.Equal(0, await story.Server.CountAsync());
        });
        Assert.Equal(2, handler.Expired);
        Assert.Empty(story.Halts);
    }

    private static (ServerStory Story, Handler Handler) Story()
    {
        var story = new ServerStory();
        var handler = new Handler(story.World);
        story.Apis.Add(handler);
        return (story, handler);
    }

    private static byte[] Request(int correlationId, int timeoutMs) => RawClient.Request(
        new ProduceRequest { TransactionalId = null, Acks = -1, TimeoutMs = timeoutMs, TopicData = [] }, 9,
        correlationId);

    private static async Task<int> CorrelationIdAsync(RawClient client)
    {
        var reader = new WireReader(await client.ReadAsync() ?? throw new IOException("closed"));
        return reader.ReadInt32();
    }

    private sealed class Handler(TimeProvider time) : IExchangeHandler<ProduceRequest, ProduceResponse>
    {
        public int Expired { get; set; }

        public Exchange<ProduceRequest, ProduceResponse> Take() => new Waits(this, time);
    }

    /// <summary>Waits until its time is over.</summary>
    private sealed class Waits(Handler handler, TimeProvider time) : Exchange<ProduceRequest, ProduceResponse>
    {
        internal override void Expire()
        {
            handler.Expired++;
            Complete();
        }

        private protected override void Serve() => ExpireAfter(TimeSpan.FromMilliseconds(Request.TimeoutMs), time);

        private protected override ProduceResponse Assemble() => new();
    }
}
