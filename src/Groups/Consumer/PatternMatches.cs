using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Consumer;

/// <summary>What patterns match, worked out before a decision needs it: it may take long where there are many topics,
/// and belongs on no shard's lane.</summary>
public static class PatternMatches
{
    // At most so often patterns are matched anew while topics come.
    private const long ShortestRefreshMs = 10_000;

    /// <summary>Nothing was worked out.</summary>
    public static readonly IReadOnlyDictionary<string, ResolvedPattern> None =
        new Dictionary<string, ResolvedPattern>(StringComparer.Ordinal);

    /// <summary>The patterns that a heartbeat will want matched: those of its group, and its own.</summary>
    /// <param name="membership">Who is in the group; what is decided on may be newer: a pattern that was missed is
    /// matched with a later heartbeat.</param>
    /// <param name="request">The heartbeat.</param>
    /// <param name="rules">What it will be decided by.</param>
    public static IReadOnlyList<string> Due(
        Membership? membership, ConsumerGroupHeartbeatRequest request, GroupRules rules)
    {
        var group = membership as ConsumerGroup;
        var own = request.SubscribedTopicRegex;
        if (group?.PatternSubscriptions.Count is null or 0 && string.IsNullOrEmpty(own))
            return [];
        var patterns = new SortedSet<string>(StringComparer.Ordinal);
        if (group is not null)
            patterns.UnionWith(group.PatternSubscriptions.Select(pattern => pattern.Key));
        if (!string.IsNullOrEmpty(own))
            patterns.Add(own);
        var config = rules.ConsumerConfig(request.GroupId);
        return [.. patterns.Where(pattern => IsDue(group?.FindPattern(pattern), rules, config))];
    }

    /// <summary>Matches patterns against the topics there are; those that cannot be read are left out.</summary>
    public static IReadOnlyDictionary<string, ResolvedPattern> Of(
        IEnumerable<string> patterns, ClusterView cluster, long now)
    {
        var matches = new Dictionary<string, ResolvedPattern>(StringComparer.Ordinal);
        foreach (var pattern in patterns)
        {
            if (TopicPattern.TryRead(pattern, out var read, out _))
            {
                var topics = read.Matches(cluster.State.Topics.Select(topic => topic.Key));
                matches[pattern] = new(topics, cluster.Offset, now);
            }
        }

        return matches;
    }

    /// <summary>True for a pattern that was never matched, was before topics came, or was long ago.</summary>
    internal static bool IsDue(ResolvedPattern? known, GroupRules rules, ConsumerGroupConfig config)
    {
        if (known is null)
            return true;
        var age = rules.Now - known.Timestamp;
        return age > ShortestRefreshMs
            && (known.Version < rules.Cluster.NewTopicsAt || age > config.PatternRefreshInterval.TotalMilliseconds);
    }
}
