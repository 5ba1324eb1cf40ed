using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Asks leaders which offset a place in a partition has. Runs on the client's lane.</summary>
internal static class OffsetLookup
{
    /// <summary>As replica id: a broker tells of what it holds, whether it leads that or not.</summary>
    private static readonly BrokerId AnyReplica = new(-2);

    private const long LatestTimestamp = -1;
    private const long EarliestTimestamp = -2;
    private const long MaxTimestamp = -3;

    /// <summary>The offsets of the places; offset -1 where no record fits (a timestamp behind all of them).</summary>
    /// <exception cref="KafkaException">A partition does not exist, or no leader answered before the
    /// deadline.</exception>
    public static async Task<Dictionary<TopicPartition, ListedOffset>> FindAsync(
        ClientCore core, IReadOnlyCollection<(TopicPartition Partition, OffsetSpec Place)> places,
        IsolationLevel isolation, Deadline deadline)
    {
        var found = new Dictionary<TopicPartition, ListedOffset>();
        foreach (var (partition, place) in places.Where(p => p.Place.Kind == OffsetSpecKind.Offset))
            found[partition] = new(new Offset(place.Value), -1, LeaderEpoch.None);
        var asked = places.Where(p => p.Place.Kind != OffsetSpecKind.Offset)
            .ToDictionary(p => p.Partition, p => Timestamp(p.Place));
        await FindAsync(core, asked, isolation, deadline, found);

        var fromEnd = places.Where(p => p.Place.Kind == OffsetSpecKind.FromEnd).ToList();
        if (fromEnd.Count == 0)
            return found;
        var first = new Dictionary<TopicPartition, ListedOffset>();
        await FindAsync(
            core, fromEnd.ToDictionary(p => p.Partition, _ => EarliestTimestamp), isolation, deadline, first);
        foreach (var (partition, place) in fromEnd)
        {
            var end = found[partition].Offset;
            var at = Offset.Max(new Offset(Math.Max(0, end.Value - place.Value)), first[partition].Offset);
            found[partition] = new(at, -1, LeaderEpoch.None);
        }

        return found;
    }

    private static long Timestamp(OffsetSpec place) => place.Kind switch
    {
        OffsetSpecKind.Earliest => EarliestTimestamp,
        OffsetSpecKind.MaxTimestamp => MaxTimestamp,
        OffsetSpecKind.Timestamp => Math.Max(0, place.Value),
        _ => LatestTimestamp,
    };

    private static async Task FindAsync(
        ClientCore core, Dictionary<TopicPartition, long> asked, IsolationLevel isolation, Deadline deadline,
        Dictionary<TopicPartition, ListedOffset> found)
    {
        var open = new HashSet<TopicPartition>(asked.Keys);
        for (var attempt = 0; open.Count > 0; attempt++)
        {
            KafkaException? last = null;
            foreach (var (leader, partitions) in await ByLeaderAsync(core, open, deadline))
            {
                var request = Request(
                    partitions.Select(p => (p, asked[p], core.Metadata.View.Partition(p)!.LeaderEpoch)), isolation);
                try
                {
                    var answer = await core.CallBrokerOnceAsync(leader, request, deadline);
                    last = Take(answer, open, found) ?? last;
                }
                catch (IOException fault)
                {
                    last = ClientCore.Lost(fault);
                }
            }

            if (open.Count == 0)
                return;
            var pause = core.Backoff(attempt);
            if (last is { IsRetriable: false } || deadline.Left <= pause)
                throw last ?? new KafkaException(ErrorCode.LeaderNotAvailable, $"{open.First()} has no leader");
            await core.DelayAsync(pause);
            await core.Metadata.RefreshAsync(deadline);
        }
    }

    private static async Task<Dictionary<BrokerId, List<TopicPartition>>> ByLeaderAsync(
        ClientCore core, HashSet<TopicPartition> open, Deadline deadline)
    {
        var byLeader = new Dictionary<BrokerId, List<TopicPartition>>();
        foreach (var partition in open.Order())
        {
            var topic = await core.Metadata.TopicAsync(partition.Topic, deadline);
            if ((uint)partition.Partition >= (uint)topic.Partitions.Count)
            {
                throw new KafkaException(
                    ErrorCode.UnknownTopicOrPartition,
                    $"topic '{topic.Name}' has {topic.Partitions.Count} partitions, "
                    + $"none with index {partition.Partition}");
            }

            var leader = topic.Partitions[partition.Partition].Leader;
            if (leader == BrokerId.None)
                continue;
            if (!byLeader.TryGetValue(leader, out var list))
                byLeader[leader] = list = [];
            list.Add(partition);
        }

        return byLeader;
    }

    private static ListOffsetsRequest Request(
        IEnumerable<(TopicPartition Partition, long Timestamp, LeaderEpoch Epoch)> asked, IsolationLevel isolation) =>
        new()
        {
            ReplicaId = BrokerId.None,
            IsolationLevel = (sbyte)isolation,
            TimeoutMs = 30_000,
            Topics =
            [
                .. asked.GroupBy(a => a.Partition.Topic).Select(topic => new ListOffsetsRequest.ListOffsetsTopic
                {
                    Name = topic.Key,
                    Partitions =
                    [
                        .. topic.Select(a => new ListOffsetsRequest.ListOffsetsPartition
                        {
                            PartitionIndex = a.Partition.Partition,
                            CurrentLeaderEpoch = a.Epoch,
                            Timestamp = a.Timestamp,
                        }),
                    ],
                }),
            ],
        };

    /// <summary>Asks a broker where the replicas that it holds end, whether it leads them or not.</summary>
    public static ListOffsetsRequest EndsHeld(IEnumerable<TopicPartition> partitions)
    {
        var request = Request(
            partitions.Select(p => (p, LatestTimestamp, LeaderEpoch.None)), IsolationLevel.ReadUncommitted);
        request.ReplicaId = AnyReplica;
        return request;
    }

    private static KafkaException? Take(
        ListOffsetsResponse answer, HashSet<TopicPartition> open, Dictionary<TopicPartition, ListedOffset> found)
    {
        KafkaException? last = null;
        foreach (var topic in answer.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var of = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (partition.ErrorCode != ErrorCode.None)
                    last = new KafkaException(partition.ErrorCode, $"{of}: {partition.ErrorCode.Meaning()}");
                else if (open.Remove(of))
                    found[of] = new(partition.Offset, partition.Timestamp, partition.LeaderEpoch);
            }
        }

        return last;
    }
}
