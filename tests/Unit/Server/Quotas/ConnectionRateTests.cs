using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Server;
using Barnabas.Server.Quotas;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Server.Quotas;

/// <summary>How fast an address may open connections (KIP-612).</summary>
public sealed class ConnectionRateTests
{
    private static readonly QuotaConfig Config = new()
    {
        ClientWindow = TimeSpan.FromSeconds(10),
        LongestPause = TimeSpan.FromSeconds(1),
        MutationWindow = TimeSpan.FromSeconds(11),
    };

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData(null)]
    public void An_address_opens_no_more_connections_than_its_quota_allows(string? name)
    {
        var story = Begin((name, 2));
        story.Tell(async () =>
        {
            for (var i = 0; i < 20; i++)
                Assert.True(await IsServedAsync(story, "10.0.0.1"));
            var before = story.World.Age;
            Assert.False(await IsServedAsync(story, "10.0.0.1"));
            Assert.InRange((story.World.Age - before).TotalSeconds, 0.2, 0.6);
            Assert.True(await IsServedAsync(story, "10.0.0.1"));
            Assert.False(await IsServedAsync(story, "10.0.0.1"));
        });
    }

    [Fact]
    public void Other_addresses_do_not_wait()
    {
        var story = Begin(("10.0.0.1", 1), (null, 100));
        story.Tell(async () =>
        {
            for (var i = 0; i < 11; i++)
                Assert.Equal(i < 10, await IsServedAsync(story, "10.0.0.1"));
            for (var i = 0; i < 100; i++)
                Assert.True(await IsServedAsync(story, "10.0.0.2"));
        });
    }

    [Fact]
    public void An_address_may_be_written_in_any_form()
    {
        var story = Begin(("::ffff:10.0.0.1", 1));
        story.Tell(async () =>
        {
            for (var i = 0; i < 11; i++)
                Assert.Equal(i < 10, await IsServedAsync(story, "10.0.0.1"));
        });
    }

    [Fact]
    public void A_server_that_stops_lets_go_of_those_it_holds_back()
    {
        var story = Begin(("10.0.0.1", 0.001));
        story.Tell(async () =>
        {
            var clients = new List<RawClient>();
            for (var i = 0; i < 10; i++)
                clients.Add(await story.DialAsync("10.0.0.1"));
            await story.Pause(TimeSpan.FromMilliseconds(100));
            await story.Server.StopAsync(TimeSpan.FromSeconds(10));
            foreach (var client in clients)
                Assert.Null(await client.ReadAsync());
            Assert.True(story.World.Age < TimeSpan.FromSeconds(1));
        });
    }

    private static async Task<bool> IsServedAsync(ServerStory story, string from)
    {
        var client = await story.DialAsync(from);
        try
        {
            await client.SendAsync(RawClient.Echo(1));
        }
        catch (IOException)
        {
            return false;
        }

        return await client.ReadAsync() is not null;
    }

    private static ServerStory Begin(params (string? Address, double Rate)[] limits)
    {
        var state = ClusterState.Empty;
        foreach (var (address, rate) in limits)
        {
            state = state.Apply(new ClientQuotaRecord
            {
                Entity = [new() { EntityType = "ip", EntityName = address }],
                Key = QuotaKeys.ConnectionCreationRate,
                Value = rate,
            });
        }

        return new ServerStory(optionsOf: world => new SocketServerOptions
        {
            Quotas = new ClientQuotas(() => state, world, Config),
        });
    }
}
