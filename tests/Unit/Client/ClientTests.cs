using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

public sealed class ClientTests
{
    [Fact]
    public void Properties_set_options_by_their_Java_names()
    {
        const string text = """
            # a comment
            bootstrap.servers = a:1, b:2
            client.id: me
            linger.ms=20
            batch.size\
              =100
            acks=1
            compression.type=zstd
            isolation.level=read_uncommitted
            """;
        var properties = PropertiesText.Parse(text);
        var client = KafkaClientOptions.FromProperties(properties);
        var producer = ProducerOptions.FromProperties(properties);
        Assert.Equal(["a:1", "b:2"], client.BootstrapServers);
        Assert.Equal("me", client.ClientId);
        Assert.Equal((20, 100, Acks.Leader), (producer.Linger.TotalMilliseconds, producer.BatchSize, producer.Acks));
        Assert.Equal(IsolationLevel.ReadUncommitted, ReaderOptions.FromProperties(properties).Isolation);
        var fault = Assert.Throws<KafkaException>(() => ProducerOptions.FromProperties([new("acks", "some")]));
        Assert.Contains("'some' is no value of acks", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host", "host:9092")]
    [InlineData("host:1", "host:1")]
    [InlineData("[::1]:2", "[::1]:2")]
    [InlineData("::1", "[::1]:9092")]
    [InlineData("PLAINTEXT://h:3", "h:3")]
    public void Addresses_are_read(string text, string address) =>
        Assert.Equal(address, BrokerAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("h:0")]
    [InlineData("h:70000")]
    [InlineData("h:x")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.Throws<KafkaException>(() => BrokerAddress.Parse(text));

    [Fact]
    public void No_broker_at_all_is_told_at_once_when_asked()
    {
        var cluster = new FakeCluster { Options = new() { BootstrapServers = ["127.0.0.1:1", "127.0.0.1:2"] } };
        cluster.Run(async client =>
        {
            var fault = await Assert.ThrowsAsync<BrokersUnreachableException>(
                () => client.ConnectAsync(FakeCluster.Never));
            Assert.Equal(["127.0.0.1:1", "127.0.0.1:2"], fault.Addresses);
            Assert.True(cluster.World.Age < TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public void Calls_wait_for_a_broker_until_their_deadline()
    {
        var cluster = new FakeCluster(port: 9093);
        cluster.Run(async client =>
        {
            var early = client.Admin.ListTopicsAsync();
            await Task.Delay(TimeSpan.FromSeconds(20), cluster.World);
            var second = new FakeBroker(cluster.Host);
            second.On<MetadataRequest, MetadataResponse>(
                (_, _) => new() { Topics = [new() { Name = "t", Partitions = [new() { LeaderId = new(1) }] }] });
            Assert.Equal("t", Assert.Single(await early).Name);
        });
    }

    [Fact]
    public void Metadata_that_is_asked_for_by_many_is_fetched_few_times()
    {
        var cluster = new FakeCluster().With("a").With("b").With("c");
        cluster.Run(async client =>
        {
            var asked = Enumerable.Range(0, 300).Select(i => "abc"[i % 3].ToString()).ToList();
            var told = asked.ConvertAll(name => client.GetTopicAsync(name));
            for (var i = 0; i < asked.Count; i++)
                Assert.Equal(asked[i], (await told[i]).Name);
        });
        Assert.InRange(cluster.Broker.Of<MetadataRequest>().Count, 1, 4);
    }

    [Fact]
    public void Topics_are_created_and_refusals_told()
    {
        var cluster = new FakeCluster();
        cluster.Broker.On<CreateTopicsRequest, CreateTopicsResponse>((r, _) => new()
        {
            Topics = [.. r.Topics.Select(t => new CreateTopicsResponse.CreatableTopicResult
            {
                Name = t.Name,
                ErrorCode = t.Name == "old" ? ErrorCode.TopicAlreadyExists : ErrorCode.None,
                ErrorMessage = t.Name == "old" ? "it exists" : null,
                NumPartitions = t.NumPartitions,
            })],
        });
        cluster.Run(async client =>
        {
            var made = await client.Admin.CreateTopicAsync(new("new", 6) { Configs = { ["a"] = "b" } });
            Assert.Equal(6, made.Partitions);
            var fault = await Assert.ThrowsAsync<KafkaException>(
                () => client.Admin.CreateTopicAsync(new("old"), FakeCluster.Never));
            Assert.Equal(ErrorCode.TopicAlreadyExists, fault.Code);
        });
    }

    [Fact]
    public void Not_the_controller_is_tried_again()
    {
        var cluster = new FakeCluster();
        cluster.Broker.On<DeleteTopicsRequest, DeleteTopicsResponse>(
            (r, _) => new()
            {
                Responses = [.. r.Topics.Select(t => new DeleteTopicsResponse.DeletableTopicResult { Name = t.Name })],
            });
        cluster.Broker.Next<DeleteTopicsRequest, DeleteTopicsResponse>((r, _) => new()
        {
            Responses = [.. r.Topics.Select(t => new DeleteTopicsResponse.DeletableTopicResult
            {
                Name = t.Name, ErrorCode = ErrorCode.NotController,
            })],
        });
        cluster.Run(async client =>
        {
            var deleted = await client.Admin.DeleteTopicsAsync(["t"]);
            Assert.Null(Assert.Single(deleted).Failure);
        });
        Assert.Equal(2, cluster.Broker.Of<DeleteTopicsRequest>().Count);
    }
}
