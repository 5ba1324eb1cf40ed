using System.Text;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

public sealed class ReaderTests
{
    [Fact]
    public void Everything_is_read_up_to_the_end()
    {
        var cluster = Filled(partitions: 3);
        cluster.Run(async client =>
        {
            var assigned = Enumerable.Range(0, 3).Select(i => (new TopicPartition("t", i), OffsetSpec.Earliest));
            await using var reader = client.CreateReader<string, string>(assigned);
            var read = new Dictionary<int, List<string>>();
            await foreach (var record in reader.ReadAllAsync(until: OffsetSpec.Latest))
            {
                if (!read.TryGetValue(record.Partition.Partition, out var list))
                    read[record.Partition.Partition] = list = [];
                list.Add(record.Value!);
            }

            for (var i = 0; i < 3; i++)
                Assert.Equal(cluster.Values("t", i), read[i]);
        });
    }

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(29)]
    public void An_offset_within_a_batch_is_where_reading_begins(long from)
    {
        var cluster = Filled(partitions: 1);
        cluster.Run(async client =>
        {
            await using var reader = client.CreateReader<string, string>(new("t", 0), OffsetSpec.At(from));
            var offsets = new List<long>();
            await foreach (var record in reader.ReadAllAsync(until: OffsetSpec.At(30)))
                offsets.Add(record.Offset.Value);
            Assert.Equal(Enumerable.Range((int)from, 30 - (int)from).Select(i => (long)i), offsets);
        });
    }

    /// <summary>It would be taken for what was asked of the next leader: records once more, or a reading that goes
    /// elsewhere.</summary>
    [Fact]
    public void A_late_answer_of_the_leader_before_changes_nothing()
    {
        var cluster = Filled(partitions: 1);
        var leader = new BrokerId(1);
        cluster.Broker.On<MetadataRequest, MetadataResponse>((_, _) => TwoBrokers(cluster, leader));
        cluster.Broker.OnLater<FetchRequest, FetchResponse>(async (request, _) =>
        {
            var answer = await cluster.FetchAsync(request);
            leader = new BrokerId(2);
            await Task.Delay(TimeSpan.FromSeconds(10), cluster.World);
            return answer;
        });
        var next = new FakeBroker(cluster.Host, 9093);
        next.On<MetadataRequest, MetadataResponse>((_, _) => TwoBrokers(cluster, leader));
        next.OnLater<FetchRequest, FetchResponse>((request, _) => cluster.FetchAsync(request));
        // Who writes hears of the next leader.
        cluster.Broker.On<ProduceRequest, ProduceResponse>(
            (request, _) => cluster.Refuse(request, ErrorCode.NotLeaderOrFollower));
        next.On<ProduceRequest, ProduceResponse>((request, _) => cluster.Produce(request));
        cluster.Run(async client =>
        {
            var written = WriteAsync(client, cluster.World);
            await using var reader = client.CreateRawReader([(new("t", 0), OffsetSpec.Earliest)]);
            var offsets = new List<long>();
            await foreach (var fetched in reader.ReadAllAsync(OffsetSpec.At(32)))
            {
                var before = offsets.Count;
                foreach (var record in fetched)
                    offsets.Add(record.Offset.Value);
                Assert.True(offsets.Count > before, "nothing was fetched");
            }

            Assert.Equal(Enumerable.Range(0, 32).Select(static i => (long)i), offsets);
            await written;
        });
    }

    /// <summary>A leader that starts again lacks what was written since it was followed by another: with that one's
    /// epoch it would say, as a follower may, that the position lies beyond its log, and the reading would begin
    /// anew.</summary>
    [Fact]
    public void A_leader_that_was_followed_while_it_was_dialled_is_not_asked()
    {
        var cluster = Filled(partitions: 1);
        var (leader, epoch) = (new BrokerId(2), 3);
        cluster.Broker.On<MetadataRequest, MetadataResponse>((_, _) => TwoBrokers(cluster, leader, epoch));
        var before = new FakeBroker(cluster.Host, 9093);
        before.OnLater<ApiVersionsRequest, ApiVersionsResponse>(async (_, _) =>
        {
            (leader, epoch) = (new BrokerId(1), 4);
            await Task.Delay(TimeSpan.FromSeconds(5), cluster.World);
            return before.ApiVersions();
        });
        before.On<FetchRequest, FetchResponse>((_, _) => throw new InvalidOperationException("asked of all the same"));
        cluster.Run(async client =>
        {
            var asked = AskOfAnotherTopicAsync(client, cluster.World);
            await using var reader = client.CreateRawReader([(new("t", 0), OffsetSpec.At(0))]);
            var offsets = new List<long>();
            await foreach (var fetched in reader.ReadAllAsync(OffsetSpec.At(30)))
            {
                foreach (var record in fetched)
                    offsets.Add(record.Offset.Value);
            }

            Assert.Equal(Enumerable.Range(0, 30).Select(static i => (long)i), offsets);
            await asked;
            await Task.Delay(TimeSpan.FromSeconds(10), cluster.World);
        });
        Assert.NotEmpty(before.Of<ApiVersionsRequest>());
        Assert.Empty(before.Of<FetchRequest>());
    }

    [Fact]
    public void The_last_records_are_counted_from_the_end()
    {
        var cluster = Filled(partitions: 1);
        cluster.Run(async client =>
        {
            await using var reader = client.CreateReader<string, string>(new("t", 0), OffsetSpec.FromEnd(4));
            var values = new List<string>();
            await foreach (var record in reader.ReadAllAsync(until: OffsetSpec.Latest))
                values.Add(record.Value!);
            Assert.Equal(["v26", "v27", "v28", "v29"], values);
        });
    }

    [Fact]
    public void An_offset_outside_the_log_is_reset_or_told()
    {
        var cluster = Filled(partitions: 1);
        cluster.Run(async client =>
        {
            await using var resetting = client.CreateReader<string, string>(new("t", 0), OffsetSpec.At(99));
            var count = 0;
            await foreach (var _ in resetting.ReadAllAsync())
            {
                if (++count == 30)
                    break;
            }

            await using var strict = client.CreateReader<string, string>(
                new("t", 0), OffsetSpec.At(99), new() { OffsetReset = null });
            var fault = await Assert.ThrowsAsync<KafkaException>(async () =>
            {
                await foreach (var _ in strict.ReadAllAsync(null, FakeCluster.Never))
                {
                }
            });
            Assert.Equal(ErrorCode.OffsetOutOfRange, fault.Code);
        });
    }

    [Fact]
    public void A_damaged_batch_is_refused_after_what_stands_before_it()
    {
        var cluster = Filled(partitions: 1);
        cluster.Log("t")[1].Bytes[^1] ^= 1;
        cluster.Run(async client =>
        {
            await using var reader = client.CreateReader<string, string>(new("t", 0), OffsetSpec.Earliest);
            var count = 0;
            var fault = await Assert.ThrowsAsync<KafkaException>(async () =>
            {
                await foreach (var _ in reader.ReadAllAsync(null, FakeCluster.Never))
                    count++;
            });
            Assert.Equal((ErrorCode.CorruptMessage, 10), (fault.Code, count));
        });
    }

    [Fact]
    public void Aborted_records_and_markers_are_left_out()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Append("t", 0, Batch(["kept"], 1));
        cluster.Append("t", 0, Batch(["aborted"], 2));
        cluster.Append("t", 0, Batch(["plain"], -1));
        cluster.Append("t", 0, Marker(2, ControlRecordType.Abort));
        cluster.Append("t", 0, Batch(["later"], 2));
        cluster.Append("t", 0, Marker(1, ControlRecordType.Commit));
        cluster.Append("t", 0, Marker(2, ControlRecordType.Commit));
        var fetched = new List<string>();
        var all = cluster.Log("t").SelectMany(b => b.Bytes).ToArray();
        cluster.Broker.On<FetchRequest, FetchResponse>((r, _) => new()
        {
            Responses =
            [
                .. r.Topics.Select(t => new FetchResponse.FetchableTopicResponse
                {
                    TopicId = t.TopicId,
                    Partitions =
                    [
                        new()
                        {
                            Records = new RecordBytes(all),
                            AbortedTransactions = [new() { ProducerId = new(2), FirstOffset = new(1) }],
                        },
                    ],
                }),
            ],
        });
        cluster.Run(async client =>
        {
            await using var reader = client.CreateReader<string, string>(new("t", 0), OffsetSpec.Earliest);
            await foreach (var record in reader.ReadAllAsync(until: OffsetSpec.At(7)))
                fetched.Add(record.Value!);
        });
        Assert.Equal(["kept", "plain", "later"], fetched);
    }

    [Fact]
    public void A_lost_connection_is_dialled_again_and_nothing_is_read_twice()
    {
        foreach (var seed in Enumerable.Range(1, 10))
        {
            var cluster = Filled(partitions: 2, seed);
            cluster.Broker.DropNext(ApiKey.Fetch);
            cluster.Run(async client =>
            {
                var assigned = Enumerable.Range(0, 2).Select(i => (new TopicPartition("t", i), OffsetSpec.Earliest));
                await using var reader = client.CreateReader<string, string>(assigned);
                var seen = new HashSet<(int, long)>();
                await foreach (var record in reader.ReadAllAsync(until: OffsetSpec.Latest))
                    Assert.True(seen.Add((record.Partition.Partition, record.Offset.Value)));
                Assert.Equal(60, seen.Count);
            });
        }
    }

    [Fact]
    public void Keys_values_headers_and_nulls_come_as_they_were()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using (var producer = client.CreateProducer<long, string>())
            {
                var headers = new Headers { ["a"] = "1"u8.ToArray(), ["b"] = null };
                headers.Add("a", "2");
                await producer.SendAsync(new ProducerRecord<long, string>("t", 42, null)
                {
                    Headers = headers,
                    Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123),
                });
            }

            await using var reader = client.CreateReader<long, string>(new("t", 0), OffsetSpec.Earliest);
            await foreach (var record in reader.ReadAllAsync(until: OffsetSpec.Latest))
            {
                Assert.Equal((42, true, 1_700_000_000_123), (record.Key, record.IsTombstone, record.TimestampMs));
                Assert.Equal(["a", "b", "a"], record.Headers.Select(h => h.Key));
                Assert.Equal("2", Encoding.UTF8.GetString(record.Headers["a"]!));
                Assert.Null(record.Headers["b"]);
            }
        });
    }

    private static FakeCluster Filled(int partitions, int seed = 1)
    {
        var cluster = new FakeCluster(seed).With("t", partitions);
        for (var p = 0; p < partitions; p++)
        {
            foreach (var values in Enumerable.Range(0, 30).Select(i => $"v{i}").Chunk(10))
                cluster.Append("t", p, Batch(values, -1));
        }

        return cluster;
    }

    private static byte[] Batch(string[] values, long producer)
    {
        using var builder = new BatchBuilder();
        foreach (var value in values)
            builder.Append(1000, default, Encoding.UTF8.GetBytes(value));
        return builder.Build(new BatchOptions
        {
            ProducerId = new(producer),
            ProducerEpoch = 0,
            IsTransactional = producer >= 0,
        }).ToArray();
    }

    private static byte[] Marker(long producer, ControlRecordType type)
    {
        using var builder = new BatchBuilder();
        builder.Append(1000, ControlRecords.Key(type), ControlRecords.EndTransaction(0));
        return builder.Build(new BatchOptions
        {
            ProducerId = new(producer),
            ProducerEpoch = 0,
            IsTransactional = true,
            IsControl = true,
        }).ToArray();
    }

    /// <summary>One record before the late answer, and one after it.</summary>
    private static async Task WriteAsync(KafkaClient client, World world)
    {
        await using var producer = client.CreateProducer<string, string>(new() { Idempotence = false });
        await Task.Delay(TimeSpan.FromSeconds(1), world);
        await producer.SendAsync("t", null, "early");
        await Task.Delay(TimeSpan.FromSeconds(20), world);
        await producer.SendAsync("t", null, "late");
    }

    /// <summary>Who asks of a topic hears of the others' leaders, too.</summary>
    private static async Task AskOfAnotherTopicAsync(KafkaClient client, World world)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), world);
        await using var producer = client.CreateProducer<string, string>(new() { Idempotence = false });
        _ = await Assert.ThrowsAsync<KafkaException>(async () => await producer.SendAsync("u", null, "of no topic"));
    }

    private static MetadataResponse TwoBrokers(FakeCluster cluster, BrokerId leader, int? epoch = null) => new()
    {
        ControllerId = new BrokerId(1),
        Brokers =
        [
            new() { NodeId = new BrokerId(1), Host = "127.0.0.1", Port = 9092 },
            new() { NodeId = new BrokerId(2), Host = "127.0.0.1", Port = 9093 },
        ],
        Topics =
        [
            new()
            {
                Name = "t",
                TopicId = cluster.IdOf("t"),
                Partitions =
                [
                    new()
                    {
                        LeaderId = leader, LeaderEpoch = new LeaderEpoch(epoch ?? 2 + leader.Value),
                        ReplicaNodes = [new(1), new(2)], IsrNodes = [new(1), new(2)],
                    },
                ],
            },
        ],
    };
}
