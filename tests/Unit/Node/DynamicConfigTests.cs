using System.Text;
using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Configs that are changed while the node runs, and what comes of it.</summary>
public sealed class DynamicConfigTests
{
    private const string HighWatermarks = "replication-offset-checkpoint";
    private const string RecoveryPoints = "recovery-point-offset-checkpoint";
    private const sbyte Topic = 2;
    private const sbyte OfBroker = 4;
    private const sbyte Group = 32;

    [Fact]
    public void A_topics_config_holds_for_the_next_batch()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            var large = NodeStory.Batch(new string('x', 3000));
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, large)).ErrorCode);

            await SetAsync(peer, Topic, "orders", "max.message.bytes", "1000");
            Assert.Equal(ErrorCode.MessageTooLarge, (await NodeStory.ProduceAsync(peer, topic, large)).ErrorCode);
            await SetAsync(peer, Topic, "orders", "max.message.bytes", null);
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, large)).ErrorCode);
        });
    }

    [Fact]
    public void A_batch_that_comes_again_is_there_whatever_the_config_has_become()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            var first = await NodeStory.ProduceAsync(peer, topic, Numbered(0));
            await SetAsync(peer, Topic, "orders", "max.message.bytes", "1000");

            var again = await NodeStory.ProduceAsync(peer, topic, Numbered(0));
            Assert.Equal((ErrorCode.None, first.BaseOffset), (again.ErrorCode, again.BaseOffset));
            Assert.Null(again.ErrorMessage);
            var damaged = Numbered(0);
            damaged[^1] ^= 1;
            foreach (var refused in (byte[][])[Numbered(1), Numbered(7), damaged])
            {
                var answer = await NodeStory.ProduceAsync(peer, topic, refused);
                Assert.Equal((ErrorCode.MessageTooLarge, Offset.None), (answer.ErrorCode, answer.BaseOffset));
                Assert.Contains("max.message.bytes 1000", answer.ErrorMessage, StringComparison.Ordinal);
            }

            await SetAsync(peer, Topic, "orders", "max.message.bytes", "100000");
            var next = await NodeStory.ProduceAsync(peer, topic, Numbered(1));
            Assert.Equal((ErrorCode.None, first.BaseOffset + 1), (next.ErrorCode, next.BaseOffset));
        });

        static byte[] Numbered(int sequence)
        {
            using var builder = new BatchBuilder();
            builder.Append(1_700_000_000_000, default, new byte[3000]);
            return builder.Build(new() { ProducerId = new(7), ProducerEpoch = 0, BaseSequence = sequence }).ToArray();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    public void A_brokers_config_holds_for_the_topics_that_do_not_set_it(string broker)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var plain = await NodeStory.CreateAsync(peer, "plain");
            var own = await NodeStory.CreateAsync(peer, "own", 1, ("max.message.bytes", "100000"));
            var large = NodeStory.Batch(new string('x', 3000));

            await SetAsync(peer, OfBroker, broker, "message.max.bytes", "1000");
            Assert.Equal(ErrorCode.MessageTooLarge, (await NodeStory.ProduceAsync(peer, plain, large)).ErrorCode);
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, own, large)).ErrorCode);
        });
    }

    [Fact]
    public void The_number_of_connections_is_limited_while_the_node_runs_and_after_a_restart()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            var node = await story.StartAsync();
            await using (var peer = await story.DialAsync())
            {
                await using var silent = await story.DialAsync();
                await Task.Delay(TimeSpan.FromSeconds(1), story.World);
                await SetAsync(peer, OfBroker, "", "max.connections", "1");
                await Task.Delay(TimeSpan.FromSeconds(1), story.World);
                Assert.True(silent.IsLost);
                Assert.False(peer.IsLost);
                await Assert.ThrowsAnyAsync<IOException>(() => story.DialAsync());

                await SetAsync(peer, OfBroker, "1", "max.connections", "2");
                await Task.Delay(TimeSpan.FromSeconds(1), story.World);
                await using var second = await story.DialAsync();
                await Assert.ThrowsAnyAsync<IOException>(() => story.DialAsync());
            }

            await node.DisposeAsync();
            await using var again = await story.StartAsync();
            await using var first = await story.DialAsync();
            await using var other = await story.DialAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => story.DialAsync());
        });
        Assert.Empty(story.Halts);
    }

    [Theory]
    [InlineData("listener.name.plaintext.max.connections=2")]
    [InlineData("max.connections.per.ip=2")]
    [InlineData("max.connections.per.ip.overrides=10.0.0.1:5,localhost:2")]
    public void Connections_have_limits_for_listeners_and_addresses(string config)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var (name, value) = (config[..config.IndexOf('=')], config[(config.IndexOf('=') + 1)..]);
            await SetAsync(peer, OfBroker, "", name, value);
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            await using var second = await story.DialAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => story.DialAsync());
        });
    }

    [Theory]
    [InlineData("", "log.dirs", "/x", ErrorCode.InvalidRequest)]
    [InlineData("1", "node.id", "2", ErrorCode.InvalidRequest)]
    [InlineData("1", "max.connections", "many", ErrorCode.InvalidRequest)]
    [InlineData("1", "max.connections", "-1", ErrorCode.InvalidRequest)]
    [InlineData("1", "max.connections.per.ip", "0", ErrorCode.InvalidRequest)]
    [InlineData("", "max.connections.per.ip.overrides", "here", ErrorCode.InvalidRequest)]
    [InlineData("7", "max.connections", "5", ErrorCode.BrokerIdNotRegistered)]
    public void What_cannot_be_set_on_a_running_broker_is_refused(
        string broker, string name, string value, ErrorCode code)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            Assert.Equal(code, (await AlterAsync(peer, OfBroker, broker, name, value)).ErrorCode);
        });
    }

    [Fact]
    public void A_check_across_configs_counts_what_the_node_was_given()
    {
        var story = new NodeStory(1, "max.connections.per.ip.overrides=127.0.0.1:5");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await SetAsync(peer, OfBroker, "", "max.connections.per.ip", "0");
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            await using var second = await story.DialAsync();
        });
    }

    [Fact]
    public void Resources_with_configs_are_listed_by_kind()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await SetAsync(peer, Group, "readers", "consumer.session.timeout.ms", "50000");

            Assert.Equal(["32 readers", "8 1", "4 1", "2 orders"], await ListAsync(peer));
            Assert.Equal(["4 1", "2 orders"], await ListAsync(peer, Topic, OfBroker));
            var unknown = await NodeStory.AskAsync(peer, new ListConfigResourcesRequest { ResourceTypes = [Topic, 3] });
            Assert.Equal((ErrorCode.UnsupportedVersion, 0), (unknown.ErrorCode, unknown.ConfigResources.Count));
        });
    }

    [Fact]
    public void A_feature_level_that_was_changed_is_shown_to_the_next_client_and_after_a_restart()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using (await story.StartAsync())
            await using (var peer = await story.DialAsync())
            {
                Assert.Equal(ErrorCode.None, await LevelAsync(peer, 28, validateOnly: true));
                Assert.Equal(29, await ShownAsync(peer));
                Assert.Equal(ErrorCode.None, await LevelAsync(peer, 28));
                Assert.Equal(28, await ShownAsync(peer));
                Assert.Equal(ErrorCode.InvalidUpdateVersion, await LevelAsync(peer, 22));
                Assert.Equal(28, await ShownAsync(peer));
            }

            await using var again = await story.StartAsync();
            await using var other = await story.DialAsync();
            Assert.Equal(28, await ShownAsync(other));

            static async Task<ErrorCode> LevelAsync(Peer peer, short level, bool validateOnly = false) =>
                (await NodeStory.AskAsync(peer, new UpdateFeaturesRequest
                {
                    ValidateOnly = validateOnly,
                    FeatureUpdates = [new() { Feature = "metadata.version", MaxVersionLevel = level, UpgradeType = 2 }],
                })).ErrorCode;

            static async Task<short> ShownAsync(Peer peer)
            {
                var answer = await NodeStory.AskAsync(
                    peer, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });
                return answer.FinalizedFeatures.Single(feature => feature.Name == "metadata.version").MaxVersionLevel;
            }
        });
    }

    [Fact]
    public void An_empty_list_of_keys_asks_for_every_config()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var all = await CountAsync(null);
            Assert.True(all > 100);
            Assert.Equal(all, await CountAsync([]));
            Assert.Equal(1, await CountAsync(["max.connections"]));

            async Task<int> CountAsync(List<string>? keys) => (await NodeStory.AskAsync(peer, new DescribeConfigsRequest
            {
                Resources = [new() { ResourceType = OfBroker, ResourceName = "1", ConfigurationKeys = keys }],
            })).Results[0].Configs.Count;
        });
    }

    [Fact]
    public void Recovery_points_are_written_early_when_much_was_appended()
    {
        var story = new NodeStory(
            1, "replica.high.watermark.checkpoint.interval.ms=1000", "log.initial.task.delay.ms=1000000",
            "log.flush.offset.checkpoint.interval.ms=1000000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            var batch = NodeStory.Batch(new string('x', 1_000_000));
            for (var i = 0; i < 60; i++)
                await NodeStory.ProduceAsync(peer, topic, batch);
            await Task.Delay(TimeSpan.FromSeconds(3), story.World);
            Assert.False(story.Disk.FileExists($"/data/{RecoveryPoints}"));

            for (var i = 0; i < 10; i++)
                await NodeStory.ProduceAsync(peer, topic, batch);
            await Task.Delay(TimeSpan.FromSeconds(3), story.World);
            Assert.True(story.Disk.FileExists($"/data/{RecoveryPoints}"));
        });
    }

    [Fact]
    public void Each_checkpoint_is_written_at_its_own_interval()
    {
        var story = new NodeStory(
            1, "replica.high.watermark.checkpoint.interval.ms=1000", "log.initial.task.delay.ms=10000",
            "log.flush.offset.checkpoint.interval.ms=20000", "log.retention.ms=-1");
        story.Tell(async () =>
        {
            var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));
            await Task.Delay(TimeSpan.FromSeconds(3), story.World);
            Assert.Equal(("1", null), (Offset(HighWatermarks), Offset(RecoveryPoints)));
            await Task.Delay(TimeSpan.FromSeconds(10), story.World);
            Assert.Equal("1", Offset(RecoveryPoints));

            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("b"));
            await Task.Delay(TimeSpan.FromSeconds(10), story.World);
            Assert.Equal(("2", "1"), (Offset(HighWatermarks), Offset(RecoveryPoints)));
            await Task.Delay(TimeSpan.FromSeconds(20), story.World);
            Assert.Equal("2", Offset(RecoveryPoints));
            await node.DisposeAsync();

            string? Offset(string name)
            {
                if (!story.Disk.FileExists($"/data/{name}"))
                    return null;
                using var file = story.Disk.Open($"/data/{name}", OpenMode.Read);
                var bytes = new byte[file.Length];
                file.Read(0, bytes);
                var lines = Encoding.UTF8.GetString(bytes).Split('\n');
                return Array.Find(lines, line => line.StartsWith("orders 0 ", StringComparison.Ordinal))?.Split(' ')[2];
            }
        });
    }

    [Theory]
    [InlineData("flush.ms", "4611686018427387904")]
    [InlineData("flush.ms", "0")]
    public void Times_no_timer_can_run_do_no_harm(string config, string value)
    {
        var story = new NodeStory(
            1, "log.retention.check.interval.ms=9223372036854775807", "connections.max.idle.ms=9223372036854775807",
            "metadata.log.max.snapshot.interval.ms=9223372036854775806");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(
                peer, "orders", 1, (config, value), ("barnabas.durability", "page-cache"));
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"))).ErrorCode);
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("b"))).ErrorCode);
        });
        Assert.Empty(story.Halts);
    }

    private static async Task<IEnumerable<string>> ListAsync(Peer peer, params List<sbyte> types) =>
        (await NodeStory.AskAsync(peer, new ListConfigResourcesRequest { ResourceTypes = types }))
            .ConfigResources.Select(r => $"{r.ResourceType} {r.ResourceName}");

    private static async Task SetAsync(Peer peer, sbyte type, string resource, string name, string? value)
    {
        var answer = await AlterAsync(peer, type, resource, name, value);
        Assert.Equal((ErrorCode.None, null), (answer.ErrorCode, answer.ErrorMessage));
    }

    private static async Task<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse> AlterAsync(
        Peer peer, sbyte type, string resource, string name, string? value) =>
        (await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = type,
                    ResourceName = resource,
                    Configs = [new() { Name = name, Value = value, ConfigOperation = (sbyte)(value is null ? 1 : 0) }],
                },
            ],
        })).Responses[0];
}
