using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Makes even shares out of those that members had, moving as few partitions as it can.</summary>
/// <remarks>Topics with the same subscribers form a pool, whose members stand in order of their load: whoever has least
/// is found without looking at all of them, and in the usual group, where all subscribe alike, there is one
/// pool.</remarks>
internal sealed class StickyPlan
{
    private readonly Dictionary<string, StickyShare> _shares;
    private readonly Dictionary<string, StickyPool> _pools;
    private readonly SortedSet<StickyShare> _byLoad = new(StickyShare.ByLoad);
    private readonly List<(StickyPool Pool, TopicPartition Partition)> _free = [];

    public StickyPlan(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        _shares = members.ToDictionary(m => m.MemberId, m => new StickyShare(m.MemberId), StringComparer.Ordinal);
        _pools = Pools(partitions, members);
        Keep(partitions, members);
        foreach (var share in _shares.Values)
        {
            _byLoad.Add(share);
            foreach (var pool in share.Pools)
                pool.Add(share);
        }
    }

    /// <summary>The shares, by member; each in order.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Make()
    {
        // What can go to few members goes first: those would be taken by what can go anywhere.
        foreach (var (pool, partition) in _free.OrderBy(f => f.Pool.Count))
            Give(pool.Lightest, pool, partition);
        while (MoveOne())
        {
        }

        return _shares.ToDictionary(s => s.Key, s => s.Value.All);
    }

    private Dictionary<string, StickyPool> Pools(
        IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var subscribers = members.SelectMany(m => m.Topics.Distinct().Select(t => (Topic: t, m.MemberId)))
            .ToLookup(s => s.Topic, s => s.MemberId, StringComparer.Ordinal);
        var alike = new Dictionary<string, StickyPool>(StringComparer.Ordinal);
        var pools = new Dictionary<string, StickyPool>(StringComparer.Ordinal);
        foreach (var topic in partitions.Keys.Where(subscribers.Contains).Order(StringComparer.Ordinal))
        {
            var ids = subscribers[topic].Order(StringComparer.Ordinal).ToList();
            var key = string.Concat(ids.Select(id => $"{id.Length}:{id}"));
            if (!alike.TryGetValue(key, out var pool))
            {
                alike[key] = pool = new StickyPool([.. ids.Select(id => _shares[id])]);
                foreach (var id in ids)
                    _shares[id].Join(pool);
            }

            pools[topic] = pool;
        }

        return pools;
    }

    /// <summary>Leaves every partition with whoever claims it: with the newest generation where several do, and with
    /// nobody where those are of one.</summary>
    private void Keep(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var claims = members.SelectMany(m => m.Owned.Distinct().Select(p => (Partition: p, m.Generation, m.MemberId)))
            .ToLookup(c => c.Partition);
        foreach (var (topic, pool) in _pools.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            for (var index = 0; index < partitions[topic]; index++)
            {
                var partition = new TopicPartition(topic, index);
                var newest = claims[partition].OrderByDescending(c => c.Generation).Take(2).ToList();
                var isClear = newest.Count == 1 || (newest.Count == 2 && newest[0].Generation > newest[1].Generation);
                if (isClear && pool.Has(_shares[newest[0].MemberId]))
                    _shares[newest[0].MemberId].Keep(pool, partition);
                else
                    _free.Add((pool, partition));
            }
        }
    }

    /// <summary>Moves a partition away from the member with most of those that can give one to a member with two
    /// fewer; false when there is none.</summary>
    private bool MoveOne()
    {
        foreach (var from in _byLoad.Reverse())
        {
            var pool = from.Giving.MinBy(p => p.Lightest.Load);
            if (pool is null || pool.Lightest.Load + 1 >= from.Load)
                continue;
            TopicPartition moved = default;
            var to = pool.Lightest;
            Reweigh(from, () => moved = from.Give(pool));
            Give(to, pool, moved);
            return true;
        }

        return false;
    }

    private void Give(StickyShare to, StickyPool pool, TopicPartition partition) =>
        Reweigh(to, () => to.Take(pool, partition));

    /// <summary>Changes a load; what is sorted by it must not stand in a set meanwhile.</summary>
    private void Reweigh(StickyShare share, Action change)
    {
        _byLoad.Remove(share);
        foreach (var pool in share.Pools)
            pool.Remove(share);
        change();
        _byLoad.Add(share);
        foreach (var pool in share.Pools)
            pool.Add(share);
    }
}
