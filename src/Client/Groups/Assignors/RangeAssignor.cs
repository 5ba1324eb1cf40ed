using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Cuts each topic's partitions into as many stretches as members subscribe to it, the first ones longer by
/// one where they cannot be alike.</summary>
internal sealed class RangeAssignor : IPartitionAssignor
{
    public string Name => "range";

    public bool IsCooperative => false;

    public byte[]? UserData(IReadOnlyCollection<TopicPartition> owned, int generation) => null;

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var shares = members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>());
        var subscribers = members.Order(Comparer<MemberSubscription>.Create(MemberSubscription.Compare))
            .SelectMany(m => m.Topics.Distinct().Select(t => (Topic: t, m.MemberId)))
            .ToLookup(s => s.Topic, s => s.MemberId, StringComparer.Ordinal);
        foreach (var (topic, count) in partitions.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            var readers = subscribers[topic].ToList();
            if (readers.Count == 0)
                continue;
            var (each, longer) = Math.DivRem(count, readers.Count);
            var at = 0;
            for (var i = 0; i < readers.Count; i++)
            {
                var end = at + each + (i < longer ? 1 : 0);
                for (; at < end; at++)
                    shares[readers[i]].Add(new(topic, at));
            }
        }

        return shares.ToDictionary(s => s.Key, s => (IReadOnlyList<TopicPartition>)s.Value);
    }
}
