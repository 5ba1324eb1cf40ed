using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>The requests that make up a transaction, each again and again until its deadline. Runs on the client's
/// lane.</summary>
/// <remarks>All of them throw a plain <see cref="KafkaException"/> with the protocol's error; what it means for the
/// transaction is for the caller to say.</remarks>
internal static class TransactionCalls
{
    /// <summary>The last version of AddPartitionsToTxn that is for clients (KIP-890).</summary>
    private const short LastAddForClients = 3;

    /// <summary>The last version of EndTxn that leaves the epoch as it is.</summary>
    private const short LastPlainEnd = 4;

    /// <summary>The last version of TxnOffsetCommit before which AddOffsetsToTxn must come.</summary>
    private const short LastPlainCommit = 4;

    /// <summary>The last version of TxnOffsetCommit that names topics by name.</summary>
    private const short LastCommitByName = 5;

    /// <summary>What a transaction that has just ended still needs is soon done.</summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(20);

    /// <summary>The pause after failures with an error.</summary>
    public static TimeSpan Pause(ClientCore core, ErrorCode code, int failures) =>
        code == ErrorCode.ConcurrentTransactions
            ? Backoff.After(failures, ShortPause, core.Options.RetryBackoffMax, core.Host.Random)
            : core.Backoff(failures);

    /// <summary>Gives the producer its id and epoch, which fences earlier ones and ends what they left open.</summary>
    /// <param name="core">The client.</param>
    /// <param name="options">The producer's options, with its transactional id.</param>
    /// <param name="known">The id and epoch to go on from (KIP-360); none for a new producer.</param>
    /// <param name="deadline">When to give up.</param>
    public static async Task<(ProducerId Id, short Epoch)> InitializeAsync(
        ClientCore core, ProducerOptions options, (ProducerId Id, short Epoch) known, Deadline deadline)
    {
        var request = new InitProducerIdRequest
        {
            TransactionalId = options.TransactionalId,
            TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
            ProducerId = known.Id,
            ProducerEpoch = known.Epoch,
        };
        var answer = await CallAsync(
            core.TransactionCoordinators, core, options.TransactionalId!, request, a => a.ErrorCode, deadline);
        return (answer.ProducerId, answer.ProducerEpoch);
    }

    /// <summary>True when the cluster works by transaction.version 2: partitions are added by being written to, and
    /// every end raises the epoch (KIP-890).</summary>
    public static async Task<bool> IsImplicitAsync(ClientCore core, string id, Deadline deadline)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var address = await core.TransactionCoordinators.FindAsync(id, deadline);
                var peer = await core.Connections.GetAsync(address, ClientCore.SharedUse);
                return peer.Versions.LevelOf("transaction.version") >= 2
                    && peer.TryChoose<EndTxnRequest>(out _, first: LastPlainEnd + 1);
            }
            catch (IOException fault)
            {
                core.TransactionCoordinators.Forget(id);
                if (deadline.Left <= core.Backoff(attempt))
                    throw ClientCore.Lost(fault);
            }

            await core.DelayAsync(core.Backoff(attempt));
        }
    }

    /// <summary>Adds partitions to the transaction.</summary>
    public static async Task AddPartitionsAsync(
        ClientCore core, string id, ProducerIdentity producer, IReadOnlyList<TopicPartition> partitions,
        Deadline deadline)
    {
        var request = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = id,
            V3AndBelowProducerId = producer.Id,
            V3AndBelowProducerEpoch = producer.Epoch,
            V3AndBelowTopics =
            [
                .. partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                    t => new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
                    {
                        Name = t.Key, Partitions = [.. t.Select(p => p.Partition)],
                    }),
            ],
        };
        await CallAsync(core.TransactionCoordinators, core, id, request, Error, deadline, LastAddForClients);

        static ErrorCode Error(AddPartitionsToTxnResponse answer) => Worst(
            answer.ResultsByTopicV3AndBelow.SelectMany(t => t.ResultsByPartition).Select(p => p.PartitionErrorCode));
    }

    /// <summary>Adds a group's positions to the transaction, before transaction.version 2.</summary>
    public static async Task AddOffsetsAsync(
        ClientCore core, string id, ProducerIdentity producer, string group, Deadline deadline)
    {
        var request = new AddOffsetsToTxnRequest
        {
            TransactionalId = id,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            GroupId = group,
        };
        await CallAsync(core.TransactionCoordinators, core, id, request, a => a.ErrorCode, deadline);
    }

    /// <summary>Stores a group's positions as part of the transaction (KIP-447).</summary>
    public static async Task CommitOffsetsAsync(
        ClientCore core, TransactionGate gate, ProducerIdentity producer, GroupPositions positions, Deadline deadline)
    {
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = gate.Id,
            GroupId = positions.Group,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            GenerationId = positions.Member.Generation,
            MemberId = positions.Member.MemberId,
            GroupInstanceId = positions.Member.InstanceId,
            Topics =
            [
                .. positions.Offsets.GroupBy(o => o.Key.Topic, StringComparer.Ordinal).Select(
                    topic => new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
                    {
                        Name = topic.Key,
                        Partitions =
                        [
                            .. topic.Select(o => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition
                            {
                                PartitionIndex = o.Key.Partition,
                                CommittedOffset = o.Value.Offset,
                                CommittedLeaderEpoch = o.Value.LeaderEpoch,
                                CommittedMetadata = o.Value.Metadata,
                            }),
                        ],
                    }),
            ],
        };
        var last = gate.IsImplicit ? LastCommitByName : LastPlainCommit;
        await CallAsync(core.Coordinators, core, positions.Group, request, Error, deadline, last);

        static ErrorCode Error(TxnOffsetCommitResponse answer) =>
            Worst(answer.Topics.SelectMany(t => t.Partitions).Select(p => p.ErrorCode));
    }

    /// <summary>Ends the transaction.</summary>
    /// <returns>The id and epoch to go on with; none where they stay.</returns>
    public static async Task<(ProducerId Id, short Epoch)> EndAsync(
        ClientCore core, TransactionGate gate, ProducerIdentity producer, bool isCommit, Deadline deadline)
    {
        var request = new EndTxnRequest
        {
            TransactionalId = gate.Id,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            Committed = isCommit,
        };
        short? last = gate.IsImplicit ? null : LastPlainEnd;
        var answer = await CallAsync(
            core.TransactionCoordinators, core, gate.Id, request, a => a.ErrorCode, deadline, last);
        return (answer.ProducerId, answer.ProducerEpoch);
    }

    /// <summary>Sends a request until it is answered with what no retry will change.</summary>
    /// <exception cref="KafkaException">It was refused, or not answered before the deadline. Whether an earlier attempt
    /// may have been carried out is remembered, whatever comes later.</exception>
    private static async Task<TResponse> CallAsync<TRequest, TResponse>(
        Coordinators coordinators, ClientCore core, string key, IRequest<TRequest, TResponse> request,
        Func<TResponse, ErrorCode> errorOf, Deadline deadline, short? last = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var mayHaveBeenApplied = false;
        for (var attempt = 0; ; attempt++)
        {
            var (code, why) = (ErrorCode.None, (string?)null);
            try
            {
                await coordinators.FindAsync(key, deadline);
                var answer = await coordinators.CallOnceAsync(
                    key, ClientCore.SharedUse, request, deadline.Bound(core.Options.RequestTimeout), new(Last: last));
                code = errorOf(answer);
                if (code == ErrorCode.None)
                    return answer;
                coordinators.NoteError(key, code);
                mayHaveBeenApplied |= TransactionFault.IsIndefiniteEnd(code);
            }
            catch (IOException fault)
            {
                var lost = ClientCore.Lost(fault);
                (code, why) = (lost.Code, fault.Message);
                mayHaveBeenApplied |= lost.MayHaveBeenApplied;
            }
            catch (KafkaException fault)
            {
                (code, why) = (fault.Code, fault.Reason);
            }

            var pause = Pause(core, code, attempt);
            if (!code.IsRetriable() || deadline.Left <= pause)
                throw new KafkaException(code, why) { MayHaveBeenApplied = mayHaveBeenApplied };
            await core.DelayAsync(pause);
        }
    }

    /// <summary>The error that stands for all of an answer: one that no retry will change, if there is one.</summary>
    private static ErrorCode Worst(IEnumerable<ErrorCode> codes)
    {
        var worst = ErrorCode.None;
        foreach (var code in codes)
        {
            if (code == ErrorCode.None || (code == ErrorCode.OperationNotAttempted && worst != ErrorCode.None))
                continue;
            if (worst is ErrorCode.None or ErrorCode.OperationNotAttempted || worst.IsRetriable())
                worst = code;
        }

        return worst;
    }
}

/// <summary>How far a group has come, and who says so.</summary>
/// <param name="Group">The group.</param>
/// <param name="Member">The member that read; nobody where a program keeps positions by itself.</param>
/// <param name="Offsets">By partition, the next offset to read.</param>
internal readonly record struct GroupPositions(
    string Group, MemberIdentity Member, IReadOnlyDictionary<TopicPartition, CommittedOffset> Offsets);
