using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Groups.Offsets;

/// <summary>Offsets end: those of groups without members when they are old (KIP-211), those of topics that are
/// gone.</summary>
public static class ExpireOffsets
{
    /// <summary>Deletes what is old, and groups that have nothing left and nobody in them.</summary>
    /// <returns>How many offsets are deleted.</returns>
    public static Decision<int, GroupRecord> Decide(GroupsState state, GroupRules rules)
    {
        var records = new List<GroupRecord>();
        var expired = 0;
        foreach (var (id, group) in state.Groups)
        {
            var old = group.Offsets.Where(offset => IsOld(group, offset.Key, offset.Value, rules)).ToList();
            records.AddRange(old.Select(offset => CommittedOffset.Tombstone(id, offset.Key)));
            expired += old.Count;
            if (old.Count == group.Offsets.Count && group.IsEmpty && group.Pending.Count == 0)
                records.AddRange(DeleteGroups.Tombstones(group));
        }

        return new(expired, records);
    }

    /// <summary>Deletes what groups have stored of topics that were deleted.</summary>
    /// <param name="state">The groups.</param>
    /// <param name="topics">The topics.</param>
    /// <param name="goneAt">When they were deleted, in ms since 1970: what was committed later belongs to new topics of
    /// those names.</param>
    /// <returns>How many offsets are deleted.</returns>
    public static Decision<int, GroupRecord> Forget(GroupsState state, IReadOnlySet<string> topics, long goneAt)
    {
        var records = new List<GroupRecord>();
        foreach (var (id, group) in state.Groups)
        {
            foreach (var (partition, offset) in group.Offsets)
            {
                if (topics.Contains(partition.Topic) && offset.CommittedAt <= goneAt)
                    records.Add(CommittedOffset.Tombstone(id, partition));
            }
        }

        return new(records.Count, records);
    }

    private static bool IsOld(Group group, TopicPartition partition, CommittedOffset offset, GroupRules rules)
    {
        if (group.AgesFrom(offset.CommittedAt) is not { } since || group.IsSubscribedTo(partition.Topic))
            return false;
        // Its tombstone would take what is pending with it.
        if (group.Pending.ContainsKey(partition))
            return false;
        return offset.ExpiresAt >= 0
            ? rules.Now >= offset.ExpiresAt
            : rules.Now - since >= (long)rules.Config.OffsetsRetention.TotalMilliseconds;
    }
}
