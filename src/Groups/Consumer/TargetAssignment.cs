using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Groups.Assignors;

namespace Barnabas.Groups.Consumer;

/// <summary>Makes the target assignment of a group for its epoch.</summary>
internal static class TargetAssignment
{
    /// <summary>Adds a record for each member whose target changes, then the epoch.</summary>
    public static void Make(GroupDraft draft, ClusterState cluster, ServerAssignors assignors)
    {
        var group = draft.Group;
        var target = AssignorOf(group, assignors).Assign(Spec(group, cluster));
        foreach (var (memberId, _) in group.Members)
        {
            if (!group.Target.TryGetValue(memberId, out var before) || !before.Equals(target[memberId]))
                draft.Add(ConsumerRecords.TargetOf(group.Id, memberId, target[memberId]));
        }

        draft.Add(ConsumerRecords.AssignmentEpoch(group.Id, group.Epoch));
    }

    /// <summary>The assignor that most members ask for, the default where none asks; among equals the one whose name
    /// comes first.</summary>
    public static IPartitionAssignor AssignorOf(ConsumerGroup group, ServerAssignors assignors) =>
        group.Members
            .Select(member => member.Value.ServerAssignor is { } name ? assignors.Find(name) : null)
            .OfType<IPartitionAssignor>()
            .CountBy(assignor => assignor)
            .OrderByDescending(votes => votes.Value)
            .ThenBy(votes => votes.Key.Name, StringComparer.Ordinal)
            .Select(votes => votes.Key)
            .FirstOrDefault(assignors.Default);

    private static GroupSpec Spec(ConsumerGroup group, ClusterState cluster)
    {
        var partitions = new Dictionary<TopicId, int>();
        foreach (var (name, _) in group.Subscriptions)
        {
            if (cluster.Topics.TryGetValue(name, out var topic))
                partitions[topic.Id] = topic.Partitions.Count;
        }

        // Members that subscribe to the same share one list: assignors read it once then.
        var subscriptions = new Dictionary<(ImmutableArray<string> Topics, string? Pattern), TopicId[]>();
        var members = new List<AssignorMember>(group.Members.Count);
        foreach (var (memberId, member) in group.Members)
        {
            var key = (member.Topics, member.Pattern);
            if (!subscriptions.TryGetValue(key, out var topics))
            {
                subscriptions[key] = topics =
                [
                    .. member.Topics.Union(group.TopicsByPattern(member), StringComparer.Ordinal)
                        .Select(name => cluster.Topics.TryGetValue(name, out var topic) ? topic : null)
                        .OfType<TopicState>()
                        .Select(topic => topic.Id),
                ];
            }

            members.Add(new(memberId, member.InstanceId, topics, group.TargetOf(memberId)));
        }

        return new(members, partitions);
    }
}
