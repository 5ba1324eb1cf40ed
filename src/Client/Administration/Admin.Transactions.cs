using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>The transactional ids there are.</summary>
    /// <param name="filter">Which of them; null for all.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>By id.</returns>
    /// <exception cref="KafkaException">A broker did not answer, or cannot filter so.</exception>
    public Task<IReadOnlyList<TransactionListing>> ListTransactionsAsync(
        TransactionFilter? filter = null, CancellationToken stop = default)
    {
        filter ??= new();
        var request = new ListTransactionsRequest
        {
            StateFilters = [.. filter.States],
            ProducerIdFilters = [.. filter.Producers],
            DurationFilter = filter.LongerThan is { } time ? (long)time.TotalMilliseconds : -1,
            TransactionalIdPattern = filter.Pattern,
        };
        return RunAsync<IReadOnlyList<TransactionListing>>(
            async deadline =>
            {
                await _core.Metadata.RefreshAsync(deadline);
                var found = new List<TransactionListing>();
                foreach (var broker in _core.Metadata.View.Brokers.OrderBy(b => b.Id))
                {
                    var answer = await _core.CallBrokerAsync(broker.Id, request, deadline, a => a.ErrorCode);
                    Check(answer.ErrorCode, $"the transactions of broker {broker.Id}: {answer.ErrorCode.Meaning()}");
                    found.AddRange(answer.TransactionStates.Select(t => new TransactionListing(
                        t.TransactionalId, t.ProducerId, t.TransactionState, broker.Id)));
                }

                // One that moves meanwhile may be listed by two.
                return
                [
                    .. found.DistinctBy(t => t.TransactionalId)
                        .OrderBy(t => t.TransactionalId, StringComparer.Ordinal),
                ];
            },
            stop);
    }

    /// <summary>A transactional id and its transaction.</summary>
    /// <returns>The transaction; null when nothing is known of the id.</returns>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public Task<TransactionDescription?> DescribeTransactionAsync(
        string transactionalId, CancellationToken stop = default) => RunAsync(
        async deadline =>
        {
            var request = new DescribeTransactionsRequest { TransactionalIds = [transactionalId] };
            var answer = await _core.TransactionCoordinators.CallAsync(
                transactionalId, request, deadline, a => a.TransactionStates[0].ErrorCode);
            var found = answer.TransactionStates[0];
            if (found.ErrorCode == ErrorCode.TransactionalIdNotFound)
                return null;
            Check(found.ErrorCode, $"transactional id '{transactionalId}': {found.ErrorCode.Meaning()}");
            var coordinator = await _core.TransactionCoordinators.FindAsync(transactionalId, deadline);
            return new TransactionDescription(
                transactionalId, found.TransactionState, found.ProducerId, found.ProducerEpoch,
                [.. found.Topics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p))).Order()],
                coordinator.Id)
            {
                Timeout = TimeSpan.FromMilliseconds(found.TransactionTimeoutMs),
                StartedAtMs = found.TransactionStartTimeMs < 0 ? null : found.TransactionStartTimeMs,
            };
        },
        stop);

    /// <summary>Finds transactions that partitions wait for, and that no coordinator will end.</summary>
    /// <param name="partitions">Where to look.</param>
    /// <param name="olderThan">For how long a producer must have been silent: more than the longest transaction timeout
    /// that brokers allow.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>By partition.</returns>
    /// <exception cref="KafkaException">A partition does not exist, or a broker did not answer.</exception>
    public async Task<IReadOnlyList<HangingTransaction>> FindHangingTransactionsAsync(
        IEnumerable<TopicPartition> partitions, TimeSpan olderThan, CancellationToken stop = default)
    {
        var before = (_core.Host.Time.GetUtcNow() - olderThan).ToUnixTimeMilliseconds();
        var open = new List<(TopicPartition Partition, ActiveProducer Producer)>();
        foreach (var partition in partitions.Distinct().Order())
        {
            var producers = await DescribeProducersAsync(partition, stop);
            open.AddRange(producers.Where(p => p.TransactionStart is not null && p.LastTimestampMs < before)
                .Select(p => (partition, p)));
        }

        if (open.Count == 0)
            return [];
        var filter = new TransactionFilter { Producers = [.. open.Select(o => o.Producer.Id).Distinct()] };
        var known = new Dictionary<ProducerId, TransactionDescription>();
        foreach (var listed in await ListTransactionsAsync(filter, stop))
        {
            if (await DescribeTransactionAsync(listed.TransactionalId, stop) is { } described)
                known[described.Id] = described;
        }

        // A coordinator that has the partition in its transaction will see to it.
        return
        [
            .. open.Where(o => !known.TryGetValue(o.Producer.Id, out var at) || !at.Partitions.Contains(o.Partition))
                .Select(o => new HangingTransaction(
                    o.Partition, o.Producer, known.GetValueOrDefault(o.Producer.Id)?.TransactionalId)),
        ];
    }

    /// <summary>Aborts a producer's open transaction in one partition, past its coordinator: for one that
    /// hangs.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="producer">The producer, as the partition's leader remembers it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The leader refuses, or did not answer.</exception>
    public Task AbortTransactionAsync(
        TopicPartition partition, ActiveProducer producer, CancellationToken stop = default) => RunAsync(
        async deadline =>
        {
            await KnowAsync(partition, deadline);
            var request = new WriteTxnMarkersRequest
            {
                Markers =
                [
                    new WriteTxnMarkersRequest.WritableTxnMarker
                    {
                        ProducerId = producer.Id,
                        ProducerEpoch = (short)producer.Epoch,
                        CoordinatorEpoch = producer.CoordinatorEpoch ?? 0,
                        TransactionResult = false,
                        Topics =
                        [
                            new WriteTxnMarkersRequest.WritableTxnMarkerTopic
                            {
                                Name = partition.Topic, PartitionIndexes = [partition.Partition],
                            },
                        ],
                    },
                ],
            };
            var answer = await _core.CallLeaderAsync(partition, request, deadline, Error);
            Check(Error(answer), null);
            return true;

            static ErrorCode Error(WriteTxnMarkersResponse answer) =>
                answer.Markers[0].Topics[0].Partitions[0].ErrorCode;
        },
        stop);

    /// <summary>Ends what is open under transactional ids by aborting it, and fences their producers.</summary>
    /// <returns>What came of each, in order.</returns>
    public Task<IReadOnlyList<TransactionResult>> TerminateTransactionsAsync(
        IEnumerable<string> transactionalIds, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<TransactionResult>>(
            async deadline =>
            {
                var results = new List<TransactionResult>();
                foreach (var id in transactionalIds)
                {
                    try
                    {
                        // The timeout holds for the producer that is made here, which never begins a transaction.
                        var options = new ProducerOptions
                        {
                            TransactionalId = id,
                            TransactionTimeout = TimeSpan.FromMilliseconds(TimeoutMs),
                        };
                        await TransactionCalls.InitializeAsync(_core, options, (ProducerId.None, -1), deadline);
                        results.Add(new(id, null));
                    }
                    catch (KafkaException fault)
                    {
                        results.Add(new(id, fault));
                    }
                }

                return results;
            },
            stop);
}
