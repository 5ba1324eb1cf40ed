using System.Text;
using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>The requests of a transactional producer, for one topic; null where no answer came.</summary>
/// <param name="requester">The producer's way to the node.</param>
/// <param name="transactionalId">Its transactional id.</param>
/// <param name="topic">The topic.</param>
internal sealed class TransactionWire(IRequester requester, string transactionalId, HistoryTopic topic)
{
    public const int TimeoutMs = 3_000;

    /// <summary>Asks for an identity, once.</summary>
    public async Task<ProducerAnswer?> InitAsync(ProducerIdentity? expected = null)
    {
        var from = expected ?? ProducerIdentity.None;
        var answer = await requester.TryAskAsync(new InitProducerIdRequest
        {
            TransactionalId = transactionalId,
            TransactionTimeoutMs = TimeoutMs,
            ProducerId = from.Id,
            ProducerEpoch = from.Epoch,
        });
        return answer is null
            ? null
            : new ProducerAnswer(answer.ErrorCode, new(answer.ProducerId, answer.ProducerEpoch));
    }

    /// <summary>Writes one record; its partition becomes part of the transaction by that.</summary>
    public async Task<ErrorCode?> ProduceAsync(ProducerIdentity producer, int partition, int sequence, string value)
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
        var answer = await requester.TryAskAsync(
            PlainRequests.Produce(topic.Id, partition, batch, timeoutMs: 4_000, transactionalId));
        return answer?.Responses[0].PartitionResponses[0].ErrorCode;
    }

    /// <summary>Ends the transaction, once.</summary>
    public async Task<ProducerAnswer?> EndAsync(ProducerIdentity producer, bool commits)
    {
        var answer = await requester.TryAskAsync(new EndTxnRequest
        {
            TransactionalId = transactionalId,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            Committed = commits,
        });
        return answer is null
            ? null
            : new ProducerAnswer(answer.ErrorCode, new(answer.ProducerId, answer.ProducerEpoch));
    }

    /// <summary>Where the transactional id stands; null also where that cannot be told now.</summary>
    public async Task<string?> StateAsync()
    {
        var answer = await requester.TryAskAsync(
            new DescribeTransactionsRequest { TransactionalIds = [transactionalId] });
        return answer?.TransactionStates[0] switch
        {
            { ErrorCode: ErrorCode.None } known => known.TransactionState,
            { ErrorCode: ErrorCode.TransactionalIdNotFound } => "nothing",
            _ => null,
        };
    }

    /// <summary>Reads a partition from its beginning, once.</summary>
    public async Task<FetchResponse.PartitionData?> ReadAsync(int partition, bool committed)
    {
        var request = PlainRequests.Fetch(topic.Id, partition, 0, 1 << 24);
        request.IsolationLevel = (sbyte)(committed ? 1 : 0);
        var answer = await requester.TryAskAsync(request);
        return answer?.Responses is [{ Partitions: [var data] }] ? data : null;
    }
}
