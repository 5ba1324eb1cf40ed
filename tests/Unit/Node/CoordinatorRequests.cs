using System.Text;
using Barnabas.Base;
using Barnabas.Node;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Transactions;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What transactional producers ask of their coordinator and of partitions.</summary>
internal static class CoordinatorRequests
{
    public const string Id = "payments";

    /// <summary>Has the topic of transactions made, and waits until this node coordinates all of them.</summary>
    public static async Task TransactionsLoadedAsync(this NodeStory story, BrokerNode node, Peer peer)
    {
        var found = await NodeStory.AskAsync(
            peer, new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [Id] });
        Assert.Equal(ErrorCode.None, found.Coordinators[0].ErrorCode);
        while (node.Broker.Transactions.Shards.Count(shard => shard.Check() == ErrorCode.None) < 50)
            await Task.Delay(TimeSpan.FromMilliseconds(10), story.World);
    }

    /// <summary>The identity of a producer, which asks until what came before has ended.</summary>
    public static async Task<ProducerIdentity> InitAsync(this NodeStory story, Peer peer, int timeoutMs = 60_000)
    {
        while (true)
        {
            var answer = await NodeStory.AskAsync(
                peer, new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = timeoutMs });
            if (answer.ErrorCode == ErrorCode.None)
                return new(answer.ProducerId, answer.ProducerEpoch);
            Assert.Equal(ErrorCode.ConcurrentTransactions, answer.ErrorCode);
            await Task.Delay(TimeSpan.FromMilliseconds(10), story.World);
        }
    }

    public static async Task<(ErrorCode Error, ProducerIdentity Next)> EndAsync(
        Peer peer, ProducerIdentity producer, bool commits, short version = 5)
    {
        var answer = await NodeStory.AskAsync<EndTxnRequest, EndTxnResponse>(peer, End(producer, commits), version);
        return (answer.ErrorCode, new(answer.ProducerId, answer.ProducerEpoch));
    }

    /// <summary>The state of the id that the requests are about.</summary>
    public static async Task<string> StateAsync(Peer peer)
    {
        var answer = await NodeStory.AskAsync(peer, new DescribeTransactionsRequest { TransactionalIds = [Id] });
        return answer.TransactionStates[0].TransactionState;
    }

    /// <summary>Waits until all partitions know how the transaction ended.</summary>
    public static async Task CompletedAsync(this NodeStory story, Peer peer)
    {
        while ((await StateAsync(peer)).StartsWith("Prepare", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(10), story.World);
    }

    public static EndTxnRequest End(ProducerIdentity producer, bool commits) => new()
    {
        TransactionalId = Id,
        ProducerId = producer.Id,
        ProducerEpoch = producer.Epoch,
        Committed = commits,
    };

    /// <summary>A request of versions 0 to 3, as clients send it.</summary>
    public static AddPartitionsToTxnRequest Add(
        ProducerIdentity producer, string topic, params int[] partitions) => new()
        {
            V3AndBelowTransactionalId = Id,
            V3AndBelowProducerId = producer.Id,
            V3AndBelowProducerEpoch = producer.Epoch,
            V3AndBelowTopics = [new() { Name = topic, Partitions = [.. partitions] }],
        };

    /// <summary>A request from version 4 on, as leaders of partitions send it.</summary>
    public static AddPartitionsToTxnRequest AddForLeader(
        ProducerIdentity producer, bool verifyOnly, string topic, params int[] partitions) => new()
        {
            Transactions =
            [
                new()
                {
                    TransactionalId = Id,
                    ProducerId = producer.Id,
                    ProducerEpoch = producer.Epoch,
                    VerifyOnly = verifyOnly,
                    Topics = [new() { Name = topic, Partitions = [.. partitions] }],
                },
            ],
        };

    /// <summary>Writes one record; from version 12 on its partition becomes part of the transaction by that.</summary>
    public static async Task<ErrorCode> ProduceAsync(
        Peer peer, TopicId topic, ProducerIdentity producer, int sequence, string value)
    {
        using var builder = new BatchBuilder();
        builder.Append(1_700_000_000_000, default, Encoding.UTF8.GetBytes(value));
        var batch = builder.Build(new BatchOptions
        {
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            BaseSequence = sequence,
            IsTransactional = true,
        }).ToArray();
        var answer = await NodeStory.AskAsync(peer, new ProduceRequest
        {
            TransactionalId = Id,
            Acks = -1,
            TimeoutMs = 30_000,
            TopicData =
            [
                new() { TopicId = topic, PartitionData = [new() { Index = 0, Records = new RecordBytes(batch) }] },
            ],
        });
        return answer.Responses[0].PartitionResponses[0].ErrorCode;
    }

    /// <summary>What is read of committed transactions, up to the last stable offset.</summary>
    public static async Task<List<string>> CommittedAsync(Peer peer, TopicId topic)
    {
        var fetch = NodeStory.Fetch(topic, 0);
        fetch.IsolationLevel = 1;
        var data = (await NodeStory.AskAsync(peer, fetch)).Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, data.ErrorCode);
        var values = new List<string>();
        var aborted = (data.AbortedTransactions ?? []).OrderBy(a => a.FirstOffset.Value).ToList();
        var open = new HashSet<ProducerId>();
        var bytes = data.Records?.Memory ?? default;
        while (bytes.Length >= RecordBatch.HeaderSize)
        {
            var batch = new RecordBatch(bytes.Span);
            while (aborted.Count > 0 && aborted[0].FirstOffset <= batch.BaseOffset + (batch.RecordCount - 1))
            {
                open.Add(aborted[0].ProducerId);
                aborted.RemoveAt(0);
            }

            if (batch.Attributes.IsControl)
                open.Remove(batch.ProducerId);
            else if (!open.Contains(batch.ProducerId))
                values.AddRange(ValuesOf(bytes[..batch.Size]));
            bytes = bytes[batch.Size..];
        }

        return values;
    }

    private static List<string> ValuesOf(ReadOnlyMemory<byte> batch) => NodeStory.ValuesOf(
        new FetchResponse.PartitionData { Records = new RecordBytes(batch.ToArray()) });
}
