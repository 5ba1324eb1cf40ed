using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Quotas set and read with the managed client, across a restart.</summary>
public sealed class QuotaAdminTests
{
    private static readonly CancellationToken Never = new(canceled: false);

    [Fact]
    public void Quotas_are_set_shown_removed_and_remembered()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            var user = new QuotaPart("user", "alice");
            await using (var node = await story.StartAsync())
            {
                await using var client = Dial(story);
                await client.Admin.AlterQuotasAsync(
                    [user], [new("producer_byte_rate", 1024), new("request_percentage", 50)], stop: Never);
                await client.Admin.AlterQuotasAsync(
                    [user, new("client-id", null)], [new("consumer_byte_rate", 7)], stop: Never);
                await client.Admin.AlterQuotasAsync([user], [new("producer_byte_rate", 1)], validateOnly: true, Never);
                await client.Admin.AlterQuotasAsync([user], [new("request_percentage", null)], stop: Never);
                var fault = await Assert.ThrowsAsync<KafkaException>(
                    () => client.Admin.AlterQuotasAsync([user], [new("speed", 1)], stop: Never));
                Assert.Equal(ErrorCode.InvalidRequest, fault.Code);
                Assert.Contains("Invalid configuration key speed", fault.Message, StringComparison.Ordinal);
            }

            await using (var node = await story.StartAsync())
            {
                await using var client = Dial(story);
                var found = await client.Admin.DescribeQuotasAsync(
                    [new("user", QuotaMatch.Exact, "alice")], stop: Never);
                Assert.Equal(2, found.Count);
                Assert.Equal([new("client-id", null), user], found[0].Entity);
                Assert.Equal([new("consumer_byte_rate", 7)], found[0].Quotas);
                Assert.Equal([user], found[1].Entity);
                Assert.Equal([new("producer_byte_rate", 1024)], found[1].Quotas);
                Assert.Single(await client.Admin.DescribeQuotasAsync(
                    [new("user", QuotaMatch.Any)], strict: true, Never));
            }
        });
        Assert.Empty(story.Halts);
    }

    private static KafkaClient Dial(NodeStory story) =>
        new(new() { BootstrapServers = ["127.0.0.1:9092"] }, story.World.NewHost(story.Disk));
}
