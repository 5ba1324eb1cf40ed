using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

public sealed class ProducerTests
{
    private static readonly string[] Hundred = [.. Enumerable.Range(0, 100).Select(i => $"v{i}")];

    [Fact]
    public void A_record_is_delivered_and_its_offset_told()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            var first = await producer.SendAsync("t", "k", "a");
            var second = await producer.SendAsync("t", "k", "b");
            Assert.Equal(new TopicPartition("t", 0), first.Partition);
            Assert.Equal((0, 1), (first.Offset.Value, second.Offset.Value));
        });
        Assert.Equal(["a", "b"], cluster.Values("t"));
    }

    [Fact]
    public void Records_that_linger_share_a_batch()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            await client.GetTopicAsync("t");
            var sent = Hundred.Select(v => producer.SendAsync("t", null, v).AsTask()).ToList();
            for (var i = 0; i < sent.Count; i++)
                Assert.Equal(i, (await sent[i]).Offset.Value);
        });
        Assert.Single(cluster.Log("t"));
        Assert.Equal(Hundred, cluster.Values("t"));
    }

    [Theory]
    [InlineData(32 * 1024 * 1024)]
    [InlineData(2000)]
    public void Records_that_wait_for_the_topic_or_for_room_keep_their_order(long room)
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var cluster = new FakeCluster(seed).With("t");
            cluster.Run(async client =>
            {
                await using var producer = client.CreateProducer<string, string>(
                    new() { BufferMemory = room, MaxRequestSize = 1000, BatchSize = 200 });
                foreach (var sent in Hundred.Select(v => producer.SendAsync("t", null, v).AsTask()).ToList())
                    await sent;
            });
            Assert.Equal(Hundred, cluster.Values("t"));
        }
    }

    [Fact]
    public void Who_gives_up_waiting_holds_up_nobody()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            using var stop = new CancellationTokenSource();
            var first = producer.SendAsync("t", null, "a").AsTask();
            var second = producer.SendAsync("t", null, "b", stop.Token).AsTask();
            var third = producer.SendAsync("t", null, "c").AsTask();
            GiveUp();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
            await first;
            await third;

            void GiveUp() => stop.Cancel();
        });
        Assert.Equal(["a", "c"], cluster.Values("t"));
    }

    [Fact]
    public void Records_of_several_topics_by_turns_each_reach_theirs()
    {
        var cluster = new FakeCluster().With("t").With("u");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            await client.GetTopicAsync("t");
            await client.GetTopicAsync("u");
            foreach (var (value, i) in Hundred.Select((value, i) => (value, i)))
                await producer.EnqueueAsync(new(i % 2 == 0 ? "t" : "u", null, value));
            await producer.FlushAsync();
        });
        Assert.Equal(Hundred.Where((_, i) => i % 2 == 0), cluster.Values("t"));
        Assert.Equal(Hundred.Where((_, i) => i % 2 == 1), cluster.Values("u"));
    }

    [Fact]
    public void Full_batches_do_not_wait_and_sequences_run_through()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>(
                new() { BatchSize = 200, Linger = TimeSpan.FromMinutes(1) });
            await EnqueueAllAsync(producer, Hundred);
            await producer.FlushAsync();
        });
        var log = cluster.Log("t");
        Assert.True(log.Count > 5);
        Assert.Equal(Hundred, cluster.Values("t"));
        Assert.All(log, b => Assert.Equal((b.Base, 1000L), ((long)b.Sequence, b.ProducerId.Value)));
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Batches_are_compressed_and_keep_their_order(CompressionCodec codec)
    {
        Assert.SkipUnless(Codecs.IsAvailable(codec), "no library of this codec");
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>(
                new() { BatchSize = 300, Compression = codec });
            await EnqueueAllAsync(producer, Hundred);
        });
        Assert.Equal(Hundred, cluster.Values("t"));
        Assert.All(cluster.Log("t"), b => Assert.Equal(codec, new RecordBatch(b.Bytes).Attributes.Codec));
    }

    [Fact]
    public void Retriable_errors_are_retried_and_order_is_kept()
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var cluster = new FakeCluster(seed).With("t");
            for (var i = 0; i < 6; i++)
            {
                if (i % 3 == 1)
                {
                    cluster.Broker.Next<ProduceRequest, ProduceResponse>(
                        (r, _) => cluster.Refuse(r, ErrorCode.NotLeaderOrFollower));
                }
                else
                {
                    cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => InOrder(cluster, r));
                }
            }

            cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) => InOrder(cluster, r));
            cluster.Run(async client =>
            {
                await using var producer = client.CreateProducer<string, string>(new() { BatchSize = 200 });
                await EnqueueAllAsync(producer, Hundred);
            });
            Assert.Equal(Hundred, cluster.Values("t"));
        }
    }

    /// <summary>A broker takes any first sequence of a producer it does not know (KIP-360), as a leader is that came to
    /// be while the first batch was on its way to another.</summary>
    [Theory]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    public void No_batch_overtakes_the_first_one(ErrorCode refusal)
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) =>
            cluster.Log("t").Count == 0 ? cluster.Produce(r) : InOrder(cluster, r));
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => cluster.Refuse(r, refusal));
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>(new() { BatchSize = 200 });
            await EnqueueAllAsync(producer, Hundred);
        });
        Assert.Equal(Hundred, cluster.Values("t"));
    }

    [Fact]
    public void A_dropped_connection_neither_loses_nor_doubles_records()
    {
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var cluster = new FakeCluster(seed).With("t");
            cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => InOrder(cluster, r));
            // Appended, but the answer never comes: the retry is recognised by its sequence.
            cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) =>
            {
                InOrder(cluster, r);
                throw new IOException("cut");
            });
            cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) => InOrder(cluster, r));
            cluster.Run(async client =>
            {
                await using var producer = client.CreateProducer<string, string>(new() { BatchSize = 200 });
                await EnqueueAllAsync(producer, Hundred);
            });
            Assert.Equal(Hundred, cluster.Values("t"));
        }
    }

    [Fact]
    public void A_definite_error_fails_the_record_at_once()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => cluster.Refuse(r, ErrorCode.InvalidRecord));
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            var fault = await Assert.ThrowsAsync<KafkaException>(
                async () => await producer.SendAsync("t", null, "a", FakeCluster.Never));
            Assert.Equal((ErrorCode.InvalidRecord, false, false, false),
                (fault.Code, fault.IsRetriable, fault.IsFatal, fault.MayHaveBeenApplied));
            Assert.Equal(0, (await producer.SendAsync("t", null, "b")).Offset.Value);
        });
        var batch = Assert.Single(cluster.Log("t"));
        Assert.Equal((1, 0), (batch.Epoch, batch.Sequence));
    }

    [Fact]
    public void An_unknown_outcome_stays_unknown_whatever_comes_later()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => cluster.Refuse(r, ErrorCode.RequestTimedOut));
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => cluster.Refuse(r, ErrorCode.InvalidRecord));
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            var fault = await Assert.ThrowsAsync<KafkaException>(
                async () => await producer.SendAsync("t", null, "a", FakeCluster.Never));
            Assert.True(fault.MayHaveBeenApplied);
        });
    }

    [Fact]
    public void A_gap_in_the_sequences_is_closed_by_a_new_epoch()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => cluster.Refuse(r, ErrorCode.UnknownProducerId));
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            await producer.SendAsync("t", null, "a");
            await producer.SendAsync("t", null, "b");
        });
        Assert.Equal([(0, 1), (1, 1)], cluster.Log("t").Select(b => (b.Sequence, (int)b.Epoch)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_record_behind_one_that_was_given_up_in_doubt_is_not_written_twice(bool isFirstWritten)
    {
        var cluster = new FakeCluster().With("t");
        // The first batch is never answered; the second is lost with the connection, after the broker has seen it.
        cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) =>
        {
            var isFirst = new RecordBatch(r.TopicData[0].PartitionData[0].Records!.Value.Memory.Span)
                is { BaseSequence: 0, ProducerEpoch: 0 };
            return isFirst ? null : InOrder(cluster, r);
        });
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) =>
        {
            if (isFirstWritten)
                InOrder(cluster, r);
            return null;
        });
        cluster.Run(async client =>
        {
            var time = cluster.Host.Time;
            await using var producer = client.CreateProducer<string, string>(new()
            {
                DeliveryTimeout = TimeSpan.FromSeconds(10),
                RequestTimeout = TimeSpan.FromSeconds(6),
                Linger = TimeSpan.Zero,
            });
            var first = producer.SendAsync("t", null, "a", FakeCluster.Never).AsTask();
            await Task.Delay(TimeSpan.FromSeconds(5), time);
            var second = producer.SendAsync("t", null, "b", FakeCluster.Never).AsTask();
            var fault = await Assert.ThrowsAsync<KafkaException>(() => first);
            Assert.True(fault.MayHaveBeenApplied);
            Assert.Equal(isFirstWritten ? 1 : 0, (await second).Offset.Value);
        });
        Assert.Equal(isFirstWritten ? ["a", "b"] : ["b"], cluster.Values("t"));
    }

    [Fact]
    public void A_batch_that_is_too_large_is_split()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) =>
            r.TopicData[0].PartitionData[0].Records!.Value.Length > 300
                ? cluster.Refuse(r, ErrorCode.MessageTooLarge)
                : InOrder(cluster, r));
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            await client.GetTopicAsync("t");
            var sent = Hundred.Select(v => producer.SendAsync("t", null, v).AsTask()).ToList();
            for (var i = 0; i < sent.Count; i++)
                Assert.Equal(i, (await sent[i]).Offset.Value);
        });
        Assert.Equal(Hundred, cluster.Values("t"));
        Assert.True(cluster.Log("t").Count > 3);
    }

    [Fact]
    public void Undelivered_records_fail_after_the_delivery_timeout()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.On<ProduceRequest, ProduceResponse>((_, _) => null);
        cluster.Run(async client =>
        {
            var time = cluster.Host.Time;
            await using var producer = client.CreateProducer<string, string>(
                new() { DeliveryTimeout = TimeSpan.FromSeconds(10), RequestTimeout = TimeSpan.FromSeconds(60) });
            var before = time.GetTimestamp();
            var fault = await Assert.ThrowsAsync<KafkaException>(
                async () => await producer.SendAsync("t", null, "a", FakeCluster.Never));
            Assert.InRange(time.GetElapsedTime(before), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12));
            Assert.True(fault.MayHaveBeenApplied);
        });
    }

    [Fact]
    public void Without_acks_nothing_is_waited_for()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) =>
        {
            cluster.Produce(r);
            return null;
        });
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>(new() { Acks = Acks.None });
            Assert.Equal(Offset.None, (await producer.SendAsync("t", null, "a", FakeCluster.Never)).Offset);
            await Task.Delay(TimeSpan.FromSeconds(1), cluster.World);
        });
        Assert.Equal(["a"], cluster.Values("t"));
        Assert.Empty(cluster.Broker.Of<InitProducerIdRequest>());
    }

    [Fact]
    public void A_full_buffer_makes_the_next_record_wait()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Run(async client =>
        {
            await using var producer = client.CreateRawProducer(
                new()
                {
                    BufferMemory = 10_000,
                    MaxRequestSize = 5000,
                    BatchSize = 2000,
                    Linger = TimeSpan.FromHours(1),
                    DeliveryTimeout = TimeSpan.FromHours(2),
                });
            var value = new byte[3000];
            var taken = 0;
            await producer.ReadyAsync("t", 0);
            while (producer.TryEnqueue("t", null, null, default, value))
                taken++;
            Assert.Equal(3, taken);
            Assert.InRange(producer.Buffered, 9000, 10_000);
            await producer.ReadyAsync("t", value.Length);
            Assert.True(producer.TryEnqueue("t", null, null, default, value));
            await producer.FlushAsync();
            Assert.Equal(0, producer.Buffered);
        });
        Assert.Equal(4, cluster.Log("t").Count);
    }

    [Fact]
    public void A_flush_tells_of_failures_that_nobody_waited_for()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.Next<ProduceRequest, ProduceResponse>((r, _) => cluster.Refuse(r, ErrorCode.InvalidRecord));
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            await producer.EnqueueAsync(new("t", null, "a"));
            Assert.Equal(ErrorCode.InvalidRecord,
                (await Assert.ThrowsAsync<KafkaException>(() => producer.FlushAsync(FakeCluster.Never))).Code);
            var reports = new List<DeliveryReport>();
            await producer.EnqueueAsync(new("t", null, "b"), reports.Add);
            await producer.FlushAsync();
            Assert.Equal(0, Assert.Single(reports).Record.Offset.Value);
        });
    }

    [Fact]
    public void An_absent_topic_is_said_to_be_absent()
    {
        var cluster = new FakeCluster
        {
            Options = new() { BootstrapServers = ["127.0.0.1:9092"], AllowAutoCreateTopics = false },
        };
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            var fault = await Assert.ThrowsAsync<KafkaException>(
                async () => await producer.SendAsync("nope", null, "a", FakeCluster.Never));
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, fault.Code);
        });
    }

    [Fact]
    public void A_broker_without_idempotence_ends_an_idempotent_producer()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.On<InitProducerIdRequest, InitProducerIdResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.ClusterAuthorizationFailed });
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            var fault = await Assert.ThrowsAsync<KafkaException>(
                async () => await producer.SendAsync("t", null, "a", FakeCluster.Never));
            Assert.True(fault.IsFatal);
        });
    }

    [Fact]
    public void Old_brokers_are_spoken_to_by_topic_name()
    {
        var cluster = new FakeCluster().With("t");
        cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) => cluster.Produce(r), last: 7);
        cluster.Broker.On<MetadataRequest, MetadataResponse>(
            (_, _) => new()
            {
                Brokers = [new() { NodeId = new(1), Host = "127.0.0.1", Port = 9092 }],
                Topics = [new() { Name = "t", Partitions = [new() { LeaderId = new(1) }] }],
            }, last: 4);
        cluster.Run(async client =>
        {
            await using var producer = client.CreateProducer<string, string>();
            await producer.SendAsync("t", null, "a");
        });
        Assert.Equal("t", Assert.Single(cluster.Broker.Of<ProduceRequest>()).TopicData[0].Name);
    }

    /// <summary>Appends like a broker that keeps the sequences of producers: in order, and each once.</summary>
    private static ProduceResponse InOrder(FakeCluster cluster, ProduceRequest request)
    {
        var bytes = request.TopicData[0].PartitionData[0].Records!.Value.Memory.Span;
        var batch = new RecordBatch(bytes);
        var (sequence, epoch) = (batch.BaseSequence, batch.ProducerEpoch);
        var last = cluster.Log("t").LastOrDefault(b => b.Epoch == epoch);
        var next = last is null ? 0 : new RecordBatch(last.Bytes).LastSequence + 1;
        if (sequence == next)
            return cluster.Produce(request);
        if (sequence > next)
            return cluster.Refuse(request, ErrorCode.OutOfOrderSequenceNumber);
        var earlier = cluster.Log("t").Single(b => b.Epoch == epoch && b.Sequence == sequence);
        var answer = cluster.Refuse(request, ErrorCode.None);
        answer.Responses[0].PartitionResponses[0].BaseOffset = new Offset(earlier.Base);
        return answer;
    }

    private static async Task EnqueueAllAsync(Producer<string, string> producer, IEnumerable<string> values)
    {
        foreach (var value in values)
            await producer.EnqueueAsync(new("t", null, value));
    }
}
