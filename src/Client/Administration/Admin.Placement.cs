using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>Elects leaders (KIP-460); each partition fares on its own. One that has the leader wanted fails with
    /// ELECTION_NOT_NEEDED.</summary>
    /// <param name="type">Which replica is to lead.</param>
    /// <param name="partitions">The partitions; null for all, of which only those are told that needed an
    /// election.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>By partition.</returns>
    /// <exception cref="KafkaException">The cluster refused, or did not answer.</exception>
    public Task<IReadOnlyList<PartitionResult>> ElectLeadersAsync(
        ElectionType type, IReadOnlyCollection<TopicPartition>? partitions = null, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<PartitionResult>>(
            async deadline =>
            {
                var request = new ElectLeadersRequest
                {
                    ElectionType = (sbyte)type,
                    TimeoutMs = TimeoutMs,
                    TopicPartitions = partitions?.GroupBy(p => p.Topic, (topic, of) =>
                        new ElectLeadersRequest.TopicPartitionsData
                        {
                            Topic = topic,
                            Partitions = [.. of.Select(p => p.Partition)],
                        }).ToList(),
                };
                var answer = await _core.CallControllerAsync(request, deadline, a => a.ErrorCode);
                Check(answer.ErrorCode, null);
                return [.. answer.ReplicaElectionResults
                    .SelectMany(t => t.PartitionResult.Select(p => new PartitionResult(
                        new(t.Topic, p.PartitionId), Failure(p.ErrorCode, p.ErrorMessage))))
                    .OrderBy(result => result.Partition)];
            },
            stop);

    /// <summary>Has partitions move to other brokers (KIP-455); each fares on its own. It returns when the moves have
    /// begun.</summary>
    /// <param name="moves">Whither, the preferred leader first; null stops the move under way.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>By partition.</returns>
    /// <exception cref="KafkaException">The cluster refused, or did not answer.</exception>
    public Task<IReadOnlyList<PartitionResult>> ReassignPartitionsAsync(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<BrokerId>?> moves, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<PartitionResult>>(
            async deadline =>
            {
                var request = new AlterPartitionReassignmentsRequest
                {
                    TimeoutMs = TimeoutMs,
                    Topics = [.. moves.GroupBy(move => move.Key.Topic, (topic, of) =>
                        new AlterPartitionReassignmentsRequest.ReassignableTopic
                        {
                            Name = topic,
                            Partitions = [.. of.Select(move =>
                                new AlterPartitionReassignmentsRequest.ReassignablePartition
                                {
                                    PartitionIndex = move.Key.Partition,
                                    Replicas = move.Value is { } to ? [.. to] : null,
                                })],
                        })],
                };
                var answer = await _core.CallControllerAsync(request, deadline, a => a.ErrorCode);
                Check(answer.ErrorCode, answer.ErrorMessage);
                return [.. answer.Responses
                    .SelectMany(t => t.Partitions.Select(p => new PartitionResult(
                        new(t.Name, p.PartitionIndex), Failure(p.ErrorCode, p.ErrorMessage))))
                    .OrderBy(result => result.Partition)];
            },
            stop);

    /// <summary>The partitions that are on their way to other brokers (KIP-455).</summary>
    /// <returns>By partition.</returns>
    /// <exception cref="KafkaException">The cluster refused, or did not answer.</exception>
    public Task<IReadOnlyList<ReassignedPartition>> ListReassignmentsAsync(CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<ReassignedPartition>>(
            async deadline =>
            {
                var request = new ListPartitionReassignmentsRequest { TimeoutMs = TimeoutMs, Topics = null };
                var answer = await _core.CallControllerAsync(request, deadline, a => a.ErrorCode);
                Check(answer.ErrorCode, answer.ErrorMessage);
                return [.. answer.Topics
                    .SelectMany(t => t.Partitions.Select(p => new ReassignedPartition(
                        new(t.Name, p.PartitionIndex), p.Replicas, p.AddingReplicas, p.RemovingReplicas)))
                    .OrderBy(moving => moving.Partition)];
            },
            stop);

    /// <summary>Has the cluster forget a broker that will not come back (KIP-631).</summary>
    /// <exception cref="KafkaException">There is no such broker, or the cluster did not answer.</exception>
    public Task UnregisterBrokerAsync(BrokerId broker, CancellationToken stop = default) => RunAsync(
        async deadline =>
        {
            var answer = await _core.CallControllerAsync(
                new UnregisterBrokerRequest { BrokerId = broker }, deadline, a => a.ErrorCode);
            Check(answer.ErrorCode, answer.ErrorMessage);
            return true;
        },
        stop);

    /// <summary>Who may lead partitions of topics besides their replicas in sync (KIP-966).</summary>
    /// <returns>By partition; those of which there is nothing to say are left out, which are all where the brokers are
    /// older than that.</returns>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, EligibleLeaders>> DescribeEligibleAsync(
        IReadOnlyList<string> topics, CancellationToken stop = default) =>
        RunAsync<IReadOnlyDictionary<TopicPartition, EligibleLeaders>>(
            async deadline =>
            {
                var found = new SortedDictionary<TopicPartition, EligibleLeaders>();
                var request = new DescribeTopicPartitionsRequest
                {
                    Topics = [.. topics.Select(
                        name => new DescribeTopicPartitionsRequest.TopicRequest { Name = name })],
                };
                try
                {
                    do
                    {
                        var answer = await _core.CallAnyAsync(request, deadline);
                        foreach (var topic in answer.Topics)
                            Take(found, topic);
                        request.Cursor = answer.NextCursor is { } next
                            ? new() { TopicName = next.TopicName, PartitionIndex = next.PartitionIndex }
                            : null;
                    }
                    while (request.Cursor is not null);
                }
                catch (KafkaException old) when (old.Code == ErrorCode.UnsupportedVersion)
                {
                    found.Clear();
                }

                return found;
            },
            stop);

    /// <summary>Where the replicas of partitions end on one broker, whether it leads them or not.</summary>
    /// <returns>By partition; those the broker does not hold, or says nothing of, are left out.</returns>
    /// <exception cref="KafkaException">The broker did not answer.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, Offset>> ReplicaEndsAsync(
        BrokerId broker, IReadOnlyCollection<TopicPartition> partitions, CancellationToken stop = default) =>
        RunAsync<IReadOnlyDictionary<TopicPartition, Offset>>(
            async deadline =>
            {
                var answer = await _core.CallBrokerAsync(broker, OffsetLookup.EndsHeld(partitions), deadline);
                return answer.Topics
                    .SelectMany(topic => topic.Partitions, (topic, told) => (topic.Name, Told: told))
                    .Where(held => held.Told.ErrorCode == ErrorCode.None)
                    .ToDictionary(
                        held => new TopicPartition(held.Name, held.Told.PartitionIndex), held => held.Told.Offset);
            },
            stop);

    /// <summary>Every broker that is registered, those included that are fenced for they are not heard of.</summary>
    /// <returns>By id; where the brokers are too old to name fenced ones, those that serve.</returns>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public Task<IReadOnlyList<RegisteredBroker>> DescribeBrokersAsync(CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<RegisteredBroker>>(
            async deadline =>
            {
                try
                {
                    var request = new DescribeClusterRequest { IncludeFencedBrokers = true };
                    var answer = await _core.CallAnyAsync(request, deadline);
                    Check(answer.ErrorCode, answer.ErrorMessage);
                    return [.. answer.Brokers.OrderBy(b => b.BrokerId).Select(b => new RegisteredBroker(
                        new BrokerAddress(b.BrokerId, b.Host, b.Port, b.Rack), b.IsFenced))];
                }
                catch (KafkaException old) when (old.Code == ErrorCode.UnsupportedVersion)
                {
                    var cluster = await DescribeClusterAsync(stop);
                    return [.. cluster.Brokers.Select(broker => new RegisteredBroker(broker, IsFenced: false))];
                }
            },
            stop);

    private static void Take(
        SortedDictionary<TopicPartition, EligibleLeaders> found,
        DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic topic)
    {
        foreach (var partition in topic.Partitions)
        {
            var (eligible, last) = (partition.EligibleLeaderReplicas ?? [], partition.LastKnownElr ?? []);
            if (topic.Name is { } name && eligible.Count + last.Count > 0)
                found[new(name, partition.PartitionIndex)] = new(eligible, last);
        }
    }
}
