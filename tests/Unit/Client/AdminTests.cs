using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

/// <summary>What the admin side asks for and makes of the answers, against a fake broker.</summary>
public sealed class AdminTests
{
    private static readonly TopicPartition Orders1 = new("orders", 1);

    private readonly FakeCluster _cluster = new FakeCluster().With("orders", 2);

    [Fact]
    public void Records_are_deleted_at_the_leader_again_once_it_is_one() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DeleteRecordsRequest, DeleteRecordsResponse>((request, _) => Deleted(ErrorCode.None));
        _cluster.Broker.Next<DeleteRecordsRequest, DeleteRecordsResponse>(
            (_, _) => Deleted(ErrorCode.NotLeaderOrFollower));

        Assert.Equal(new Offset(7), await client.Admin.DeleteRecordsAsync(Orders1, new Offset(7), FakeCluster.Never));

        Assert.All(_cluster.Broker.Of<DeleteRecordsRequest>(), request =>
        {
            var topic = Assert.Single(request.Topics);
            var partition = Assert.Single(topic.Partitions);
            Assert.Equal(("orders", 1, new Offset(7)), (topic.Name, partition.PartitionIndex, partition.Offset));
        });
        Assert.Equal(2, _cluster.Broker.Of<DeleteRecordsRequest>().Count);

        static DeleteRecordsResponse Deleted(ErrorCode code) => new()
        {
            Topics =
            [
                new()
                {
                    Name = "orders",
                    Partitions = [new() { PartitionIndex = 1, ErrorCode = code, LowWatermark = new(7) }],
                },
            ],
        };
    });

    [Fact]
    public void Producers_of_a_partition_come_by_id() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DescribeProducersRequest, DescribeProducersResponse>((_, _) => new()
        {
            Topics =
            [
                new()
                {
                    Name = "orders",
                    Partitions =
                    [
                        new()
                        {
                            PartitionIndex = 1,
                            ActiveProducers =
                            [
                                new()
                                {
                                    ProducerId = new(9), ProducerEpoch = 2, LastSequence = 5, LastTimestamp = 1000,
                                    CoordinatorEpoch = 3, CurrentTxnStartOffset = new(40),
                                },
                                new()
                                {
                                    ProducerId = new(4), ProducerEpoch = 0, LastSequence = 0, LastTimestamp = 2000,
                                    CoordinatorEpoch = -1, CurrentTxnStartOffset = new(-1),
                                },
                            ],
                        },
                    ],
                },
            ],
        });

        Assert.Equal(
            [
                new ActiveProducer(new(4), 0, 0, 2000),
                new ActiveProducer(new(9), 2, 5, 1000) { CoordinatorEpoch = 3, TransactionStart = new Offset(40) },
            ],
            await client.Admin.DescribeProducersAsync(Orders1, FakeCluster.Never));
    });

    [Fact]
    public void A_partition_that_does_not_exist_is_not_asked_for() => _cluster.Run(async client =>
    {
        var fault = await Assert.ThrowsAsync<KafkaException>(
            () => client.Admin.DescribeProducersAsync(new("orders", 2), FakeCluster.Never));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, fault.Code);
    });

    [Fact]
    public void Log_directories_come_with_their_replicas() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DescribeLogDirsRequest, DescribeLogDirsResponse>((_, _) => new()
        {
            Results =
            [
                new() { LogDir = "/b", ErrorCode = ErrorCode.KafkaStorageError },
                new()
                {
                    LogDir = "/a",
                    TotalBytes = 1000,
                    UsableBytes = 10,
                    Topics =
                    [
                        new()
                        {
                            Name = "orders",
                            Partitions =
                            [
                                new() { PartitionIndex = 1, PartitionSize = 20, OffsetLag = 3, IsFutureKey = true },
                                new() { PartitionIndex = 0, PartitionSize = 10 },
                            ],
                        },
                    ],
                },
            ],
        });

        var found = await client.Admin.DescribeLogDirsAsync(new(1), FakeCluster.Never);

        Assert.Equal(["/a", "/b"], found.Select(d => d.Path));
        Assert.Equal((1000L, 10L, null), (found[0].TotalBytes, found[0].UsableBytes, found[0].Failure));
        Assert.Equal([new(new("orders", 0), 10, 0, false), new(Orders1, 20, 3, true)], found[0].Replicas);
        Assert.Equal((ErrorCode.KafkaStorageError, null), (found[1].Failure?.Code, found[1].TotalBytes));
    });

    [Fact]
    public void Configs_come_with_their_synonyms_and_default() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DescribeConfigsRequest, DescribeConfigsResponse>((_, _) => new()
        {
            Results =
            [
                new()
                {
                    ResourceName = "orders",
                    Configs =
                    [
                        new()
                        {
                            Name = "retention.ms", Value = "5", ConfigSource = 1, ConfigType = 5,
                            Synonyms =
                            [
                                new() { Name = "retention.ms", Value = "5", Source = 1 },
                                new() { Name = "log.retention.hours", Value = "168", Source = 5 },
                            ],
                        },
                    ],
                },
            ],
        });

        var config = Assert.Single(
            await client.Admin.DescribeConfigsAsync(ConfigResource.Topic("orders"), stop: FakeCluster.Never));

        Assert.Equal((ConfigSource.Topic, ConfigValueType.Long, "168"), (config.Source, config.Type, config.Default));
        Assert.Equal(new ConfigSynonym("log.retention.hours", "168", ConfigSource.Default), config.Synonyms[1]);
    });
}
