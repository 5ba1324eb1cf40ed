using Barnabas.Server;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server;

public sealed class DeadlineTests
{
    [Fact]
    public void A_connection_that_says_nothing_is_cut_after_half_a_minute()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            Assert.Null(await client.ReadAsync());
            Assert.InRange(story.World.Age.TotalSeconds, 30, 31);
        });
    }

    [Fact]
    public void A_connection_that_has_spoken_is_cut_after_ten_minutes_of_silence()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            for (var i = 0; i < 3; i++)
            {
                await story.Pause(TimeSpan.FromSeconds(i == 0 ? 20 : 500));
                await client.SendAsync(RawClient.Echo(i));
                await client.ReadTextAsync();
            }

            Assert.Null(await client.ReadAsync());
            Assert.InRange(story.World.Age.TotalSeconds, 1620, 1621);
        });
    }

    [Fact]
    public void A_connection_whose_answer_takes_long_is_not_idle()
    {
        var story = new ServerStory();
        story.Echo.Serve = (_, request) => Pending<SaslAuthenticateResponse>.InOrder(ServeAsync(request));
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            Assert.Equal((1, "hello"), await client.ReadTextAsync());
        });

        async Task<SaslAuthenticateResponse?> ServeAsync(SaslAuthenticateRequest request)
        {
            await story.Pause(TimeSpan.FromMinutes(25));
            return ServerStory.EchoHandler.Answer(request);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(100_000)]
    public void Half_a_request_and_then_silence_is_cut(int bytes)
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await client.ReadTextAsync();
            await client.SendAsync(RawClient.Echo(2, new byte[200_000])[..bytes]);
            Assert.Null(await client.ReadAsync());
            Assert.InRange(story.World.Age.TotalSeconds, 30, 61);
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);
    }

    [Fact]
    public void What_came_fast_buys_no_time_for_the_rest()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(2, new byte[50_000_000])[..20_000_000]);
            Assert.Null(await client.ReadAsync());
            Assert.InRange(story.World.Age.TotalSeconds, 30, 61);
        });
        Assert.Equal(0, story.Server.RequestMemoryUsed);
    }

    [Fact]
    public void A_request_that_trickles_is_cut()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            await client.SendAsync(RawClient.Echo(1));
            await client.ReadTextAsync();
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                foreach (var b in RawClient.Echo(2, new byte[100]))
                {
                    await client.SendAsync(b);
                    await story.Pause(TimeSpan.FromSeconds(5));
                }
            });
            Assert.InRange(story.World.Age.TotalSeconds, 30, 40);
        });
    }

    [Fact]
    public void A_large_request_may_take_its_time_while_it_keeps_coming()
    {
        var story = new ServerStory();
        story.Tell(async () =>
        {
            var client = await story.DialAsync();
            foreach (var part in RawClient.Echo(2, new byte[300_000]).Chunk(2000))
            {
                await client.SendAsync(part);
                await story.Pause(TimeSpan.FromMilliseconds(190));
            }

            Assert.Equal(2, (await client.ReadEchoAsync()).CorrelationId);
        });
    }
}
