using System.Globalization;
using System.Text;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What a node lets be seen of itself, over the simulated network.</summary>
public sealed class ObservationTests
{
    private const int Port = 9404;

    [Fact]
    public void What_clients_do_is_counted_under_the_names_of_Kafka()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders", 2);
            var batch = NodeStory.Batch("a", "b", "c");
            await NodeStory.ProduceAsync(peer, topic, batch);
            await NodeStory.ProduceAsync(peer, topic, batch, partition: 1);
            await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));
            await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 99));
            await NodeStory.ProduceAsync(peer, topic, batch, partition: 7);

            var metrics = await MetricsAsync(story);
            Assert.Equal(6, metrics["kafka_server_brokertopicmetrics_messagesin_total"]);
            Assert.Equal(6, metrics["kafka_server_brokertopicmetrics_messagesin_total{topic=\"orders\"}"]);
            Assert.Equal(2 * batch.Length, metrics["kafka_server_brokertopicmetrics_bytesin_total{topic=\"orders\"}"]);
            Assert.Equal(batch.Length, metrics["kafka_server_brokertopicmetrics_bytesout_total{topic=\"orders\"}"]);
            Assert.Equal(2, metrics["kafka_server_brokertopicmetrics_totalproducerequests_total{topic=\"orders\"}"]);
            Assert.Equal(2, metrics["kafka_server_brokertopicmetrics_totalfetchrequests_total{topic=\"orders\"}"]);
            Assert.Equal(0, metrics["kafka_server_brokertopicmetrics_failedfetchrequests_total{topic=\"orders\"}"]);
            Assert.Equal(3, metrics["kafka_log_log_logendoffset{topic=\"orders\",partition=\"1\"}"]);
            Assert.Equal(batch.Length, metrics["kafka_log_log_size{topic=\"orders\",partition=\"0\"}"]);
            Assert.Equal(2, metrics["kafka_server_replicamanager_partitioncount"]);
            Assert.Equal(2, metrics["kafka_server_replicamanager_leadercount"]);
            Assert.Equal(0, metrics["kafka_server_replicamanager_underreplicatedpartitions"]);
            Assert.Equal(1, metrics["kafka_controller_kafkacontroller_activecontrollercount"]);
            Assert.Equal(1, metrics["kafka_controller_kafkacontroller_globaltopiccount"]);
            Assert.Equal(3, metrics["kafka_server_kafkaserver_brokerstate"]);
            Assert.True(metrics["kafka_log_logflushstats_logflushrateandtimems_count"] >= 2);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void Requests_are_counted_by_version_timed_in_parts_and_their_errors_told()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0, waitMs: 500));
            await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 5));

            var metrics = await MetricsAsync(story);
            Assert.Equal(2, metrics["kafka_network_requestmetrics_requests_total{request=\"Fetch\",version=\"18\"}"]);
            const string Errors = "kafka_network_requestmetrics_errors_total{request=\"Fetch\",error=";
            Assert.Equal(1, metrics[$"{Errors}\"OFFSET_OUT_OF_RANGE\"}}"]);
            // Of each answer its own code, and that of its one partition.
            Assert.Equal(3, metrics[$"{Errors}\"NONE\"}}"]);
            string[] parts =
            [
                "requestqueuetimems", "localtimems", "remotetimems", "throttletimems", "responsequeuetimems",
                "responsesendtimems", "totaltimems",
            ];
            foreach (var part in parts)
                Assert.Equal(2, metrics[$"kafka_network_requestmetrics_{part}_count{{request=\"Fetch\"}}"]);
            // The first fetch waited for what did not come.
            Assert.InRange(metrics["kafka_network_requestmetrics_remotetimems_sum{request=\"Fetch\"}"], 500, 510);
            Assert.InRange(metrics["kafka_network_requestmetrics_totaltimems_sum{request=\"Fetch\"}"], 500, 520);
            Assert.Equal(
                1, metrics["kafka_network_requestmetrics_totaltimems_bucket{request=\"Fetch\",le=\"250\"}"]);
            Assert.True(metrics["barnabas_network_responsebytes_total{request=\"Fetch\"}"] > 0);
        });
    }

    [Fact]
    public void Series_of_a_topic_go_with_it_and_the_totals_stay()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.ProduceAsync(peer, await NodeStory.CreateAsync(peer, "gone"), NodeStory.Batch("a", "b"));
            await NodeStory.ProduceAsync(peer, await NodeStory.CreateAsync(peer, "here"), NodeStory.Batch("a"));
            var before = await MetricsAsync(story);
            Assert.Contains(before.Keys, key => key.Contains("\"gone\"", StringComparison.Ordinal));

            await NodeStory.AskAsync(
                peer, new DeleteTopicsRequest { TimeoutMs = 10_000, Topics = [new() { Name = "gone" }] });
            var metrics = await MetricsAsync(story);
            Assert.DoesNotContain(metrics.Keys, key => key.Contains("\"gone\"", StringComparison.Ordinal));
            Assert.Equal(3, metrics["kafka_server_brokertopicmetrics_messagesin_total"]);

            await NodeStory.ProduceAsync(peer, await NodeStory.CreateAsync(peer, "gone"), NodeStory.Batch("x"));
            metrics = await MetricsAsync(story);
            Assert.Equal(1, metrics["kafka_server_brokertopicmetrics_messagesin_total{topic=\"gone\"}"]);
            Assert.Equal(4, metrics["kafka_server_brokertopicmetrics_messagesin_total"]);
        });
    }

    [Fact]
    public void Connections_are_counted_by_what_their_clients_say_they_are()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            var peer = await Peer.DialAsync(story.World.NewHost(story.Disk), "127.0.0.1", 9092, new PeerOptions());
            const string Series =
                "kafka_server_socketservermetrics_connections{listener=\"PLAINTEXT\",client_software_name=\"";
            var named = Assert.Single(
                await MetricsAsync(story), m => m.Key.StartsWith(Series, StringComparison.Ordinal));
            Assert.Equal(1, named.Value);
            Assert.DoesNotContain("unknown", named.Key, StringComparison.Ordinal);

            await peer.DisposeAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            var metrics = await MetricsAsync(story);
            Assert.DoesNotContain(named.Key, metrics.Keys);
            Assert.Equal(0, metrics["kafka_server_socketservermetrics_connection_count{listener=\"PLAINTEXT\"}"]);
            Assert.Equal(
                1, metrics["kafka_server_socketservermetrics_connection_creation_total{listener=\"PLAINTEXT\"}"]);
        });
    }

    [Fact]
    public void A_node_is_ready_while_it_serves_and_alive_all_the_time()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            var starting = story.StartAsync();
            var node = await starting;
            Assert.Equal((200, "{\"status\":\"ok\"}\n"), await GetAsync(story, "/readyz"));
            Assert.Equal((200, "{\"status\":\"ok\"}\n"), await GetAsync(story, "/healthz"));
            Assert.Equal(200, (await GetAsync(story, "/")).Status);
            Assert.Equal(404, (await GetAsync(story, "/else")).Status);
            await node.DisposeAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => GetAsync(story, "/readyz"));
        });
    }

    [Fact]
    public void A_node_is_not_ready_once_its_disk_has_failed()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            story.Disk.FailAt(story.Disk.Calls + 1, andAfter: true);
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);

            var (status, text) = await GetAsync(story, "/readyz");
            Assert.Equal(503, status);
            Assert.Contains("every log directory has failed", text, StringComparison.Ordinal);
            var metrics = await MetricsAsync(story);
            Assert.Equal(1, metrics["kafka_log_logmanager_offlinelogdirectorycount"]);
            Assert.Equal(1, metrics["kafka_log_logmanager_logdirectoryoffline{logdirectory=\"/data\"}"]);
            Assert.Equal(1, metrics["kafka_server_replicamanager_offlinereplicacount"]);
        });
    }

    [Fact]
    public void While_it_starts_a_node_can_be_watched_and_is_not_ready()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            var seen = new List<int>();
            var starting = story.StartAsync();
            while (!starting.IsCompleted)
            {
                try
                {
                    seen.Add((await GetAsync(story, "/readyz")).Status);
                }
                catch (IOException)
                {
                    // It does not listen yet.
                }
            }

            await using var node = await starting;
            Assert.Contains(503, seen);
            Assert.Equal(200, (await GetAsync(story, "/readyz")).Status);
        });
    }

    [Fact]
    public void A_taken_address_stops_the_node_only_where_it_was_asked_for()
    {
        var story = new NodeStory(1, $"barnabas.http.listener=127.0.0.1:{Port}");
        story.Tell(async () =>
        {
            var taken = story.World.Network.Listen(new(System.Net.IPAddress.Loopback, Port));
            var fault = await Assert.ThrowsAnyAsync<IOException>(story.StartAsync);
            Assert.Contains($":{Port}", fault.Message, StringComparison.Ordinal);
            await taken.DisposeAsync();
        });

        story = new NodeStory();
        story.Tell(async () =>
        {
            var taken = story.World.Network.Listen(new(System.Net.IPAddress.Loopback, Port));
            await using var node = await story.StartAsync();
            Assert.Null(node.Observation.EndPoint);
            await taken.DisposeAsync();
        });
    }

    [Fact]
    public void An_empty_address_is_none()
    {
        var story = new NodeStory(1, "barnabas.http.listener=");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            Assert.Null(node.Observation.EndPoint);
            await Assert.ThrowsAnyAsync<IOException>(() => GetAsync(story, "/"));
        });
    }

    [Theory]
    [InlineData("9404")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:many")]
    [InlineData("ftp://127.0.0.1:9404")]
    public void What_is_no_address_is_refused(string address)
    {
        var loaded = Barnabas.Node.Configuration.ServerConfigLoader.Load(
            new() { Overrides = [$"barnabas.http.listener={address}"] });
        Assert.Contains(loaded.Faults, fault => fault.Contains("barnabas.http.listener", StringComparison.Ordinal));
    }

    /// <summary>The samples of /metrics, by name and labels; each stands there once.</summary>
    private static async Task<Dictionary<string, double>> MetricsAsync(NodeStory story)
    {
        var (status, text) = await GetAsync(story, "/metrics");
        Assert.Equal(200, status);
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToDictionary(
            line => line[..line.LastIndexOf(' ')],
            line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private static async Task<(int Status, string Body)> GetAsync(NodeStory story, string path)
    {
        await using var connection = await story.World.Network.DialAsync("127.0.0.1", Port, default);
        await connection.SendAsync([Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\n\r\n")]);
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        while (await connection.ReceiveAsync(buffer) is > 0 and var count)
            bytes.AddRange(buffer.AsSpan(0, count));
        var text = Encoding.UTF8.GetString([.. bytes]);
        return (int.Parse(text.Split(' ')[1]), text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }
}
