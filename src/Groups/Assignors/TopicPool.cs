using System.Collections.Immutable;
using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Groups.Assignors;

/// <summary>Topics that the same members subscribe to: to an assignor their partitions differ in nothing but their
/// names.</summary>
/// <remarks>A group whose members all subscribe to the same has one pool. What is done by pool instead of by topic and
/// member is what keeps a thousand members on a thousand topics from costing a million steps.</remarks>
/// <param name="Members">Indices of the members, ascending.</param>
/// <param name="Topics">The topics, in the order of their ids.</param>
internal sealed record TopicPool(int[] Members, IReadOnlyList<TopicId> Topics)
{
    /// <summary>The pools of a group, in the order of their first topics.</summary>
    /// <param name="members">The members; the pools name them by their places in it.</param>
    /// <param name="partitions">How many partitions each topic has; topics without any are in no pool.</param>
    public static IReadOnlyList<TopicPool> Of(
        IReadOnlyList<AssignorMember> members, IReadOnlyDictionary<TopicId, int> partitions)
    {
        var cohorts = Cohorts(members);
        var cohortsOf = new SortedDictionary<TopicId, List<int>>();
        for (var cohort = 0; cohort < cohorts.Count; cohort++)
        {
            foreach (var topic in cohorts[cohort].Topics)
            {
                if (partitions.GetValueOrDefault(topic) <= 0)
                    continue;
                if (!cohortsOf.TryGetValue(topic, out var subscribers))
                    cohortsOf[topic] = subscribers = [];
                subscribers.Add(cohort);
            }
        }

        var pools = new Dictionary<string, TopicPool>(StringComparer.Ordinal);
        foreach (var (topic, subscribers) in cohortsOf)
        {
            var key = string.Join(',', subscribers.Select(cohort => cohort.ToString(CultureInfo.InvariantCulture)));
            if (!pools.TryGetValue(key, out var pool))
            {
                int[] who = [.. subscribers.SelectMany(cohort => cohorts[cohort].Members).Order()];
                pools[key] = pool = new(who, new List<TopicId>());
            }

            ((List<TopicId>)pool.Topics).Add(topic);
        }

        return [.. pools.Values.OrderBy(pool => pool.Topics[0])];
    }

    /// <summary>The members by what they subscribe to: who subscribes to the same is in one cohort.</summary>
    private static List<(ImmutableArray<TopicId> Topics, List<int> Members)> Cohorts(
        IReadOnlyList<AssignorMember> members)
    {
        var cohorts = new List<(ImmutableArray<TopicId> Topics, List<int> Members)>();
        var byObject = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        var byHash = new Dictionary<int, List<int>>();
        for (var member = 0; member < members.Count; member++)
        {
            var subscription = members[member].Topics;
            if (!byObject.TryGetValue(subscription, out var cohort))
            {
                cohort = CohortOf([.. subscription.Distinct().Order()]);
                byObject[subscription] = cohort;
            }

            cohorts[cohort].Members.Add(member);
        }

        return cohorts;

        int CohortOf(ImmutableArray<TopicId> topics)
        {
            var hash = new HashCode();
            foreach (var topic in topics)
                hash.Add(topic);
            if (!byHash.TryGetValue(hash.ToHashCode(), out var alike))
                byHash[hash.ToHashCode()] = alike = [];
            foreach (var cohort in alike)
            {
                if (cohorts[cohort].Topics.AsSpan().SequenceEqual(topics.AsSpan()))
                    return cohort;
            }

            alike.Add(cohorts.Count);
            cohorts.Add((topics, []));
            return cohorts.Count - 1;
        }
    }
}
