using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Deals out all partitions in order of topic and index, a member after the other; one that does not
/// subscribe to the topic is passed over.</summary>
internal sealed class RoundRobinAssignor : IPartitionAssignor
{
    public string Name => "roundrobin";

    public bool IsCooperative => false;

    public byte[]? UserData(IReadOnlyCollection<TopicPartition> owned, int generation) => null;

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var shares = members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>());
        var circle = members.Order(Comparer<MemberSubscription>.Create(MemberSubscription.Compare))
            .Select(m => (m.MemberId, Topics: m.Topics.ToHashSet(StringComparer.Ordinal))).ToList();
        var turn = 0;
        foreach (var (topic, count) in partitions.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (!circle.Exists(m => m.Topics.Contains(topic)))
                continue;
            for (var index = 0; index < count; index++)
            {
                while (!circle[turn].Topics.Contains(topic))
                    turn = (turn + 1) % circle.Count;
                shares[circle[turn].MemberId].Add(new(topic, index));
                turn = (turn + 1) % circle.Count;
            }
        }

        return shares.ToDictionary(s => s.Key, s => (IReadOnlyList<TopicPartition>)s.Value);
    }
}
