using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Barnabas.Base;

namespace Barnabas.Groups.Assignors;

/// <summary>A uniform assignment in the making. Members and partitions are numbers in here: partitions run through the
/// pools, and through their topics, in order.</summary>
internal sealed class UniformPlan
{
    private const int Nobody = -1;
    private readonly IReadOnlyList<AssignorMember> _members;
    private readonly IReadOnlyList<TopicPool> _pools;
    private readonly int[] _poolStarts;
    private readonly Dictionary<TopicId, TopicSpan> _topics = [];
    private readonly int[] _before;
    private readonly int[] _owners;
    private readonly int[] _loads;

    public UniformPlan(
        IReadOnlyList<AssignorMember> members,
        IReadOnlyList<TopicPool> pools,
        IReadOnlyDictionary<TopicId, int> partitions)
    {
        (_members, _pools) = (members, pools);
        _poolStarts = new int[pools.Count + 1];
        var count = 0;
        for (var pool = 0; pool < pools.Count; pool++)
        {
            _poolStarts[pool] = count;
            foreach (var topic in pools[pool].Topics)
            {
                _topics[topic] = new(pool, count, partitions[topic]);
                count += partitions[topic];
            }
        }

        _poolStarts[^1] = count;
        _before = new int[count];
        Array.Fill(_before, Nobody);
        _owners = [.. _before];
        _loads = new int[members.Count];
    }

    /// <summary>Leaves with every member what it has of topics that it still subscribes to.</summary>
    public void Keep()
    {
        for (var member = 0; member < _members.Count; member++)
        {
            foreach (var (topic, partitions) in _members[member].Target.Topics)
            {
                if (!_topics.TryGetValue(topic, out var span))
                    continue;
                var subscribes = Array.BinarySearch(_pools[span.Pool].Members, member) >= 0;
                foreach (var partition in partitions)
                {
                    if (partition >= span.Count || _before[span.Start + partition] != Nobody)
                        continue;
                    _before[span.Start + partition] = member;
                    if (subscribes)
                        Give(span.Start + partition, member);
                }
            }
        }
    }

    /// <summary>Gives each partition without an owner to the subscriber that has least; pools with few members come
    /// first, as they have the least choice.</summary>
    public void Deal()
    {
        foreach (var pool in Enumerable.Range(0, _pools.Count).OrderBy(pool => _pools[pool].Members.Length))
        {
            var poorest = new PriorityQueue<int, (int Load, int Member)>();
            for (var partition = _poolStarts[pool]; partition < _poolStarts[pool + 1]; partition++)
            {
                if (_owners[partition] != Nobody)
                    continue;
                if (poorest.Count == 0)
                    poorest.EnqueueRange(_pools[pool].Members.Select(member => (member, (_loads[member], member))));
                var taker = poorest.Peek();
                Give(partition, taker);
                poorest.DequeueEnqueue(taker, (_loads[taker], taker));
            }
        }
    }

    /// <summary>Moves partitions from who has most to who has least of those that share a pool, until no move makes two
    /// members more alike.</summary>
    /// <remarks>Every move makes the sum of the squared loads smaller, so there is an end to it. Pools are gone through
    /// back and forth: a surplus then travels through a row of pools in one go, whichever way it has to.</remarks>
    public void Level()
    {
        for (var (moved, backwards) = (true, false); moved; backwards = !backwards)
        {
            moved = false;
            for (var i = 0; i < _pools.Count; i++)
                moved |= Level(backwards ? _pools.Count - 1 - i : i);
        }
    }

    /// <summary>The assignment as it stands.</summary>
    public IReadOnlyDictionary<string, PartitionSet> Target()
    {
        var owned = new List<TopicPartitions>?[_members.Count];
        foreach (var (topic, span) in _topics.OrderBy(topic => topic.Key))
        {
            var shares = new Dictionary<int, ImmutableArray<int>.Builder>();
            for (var partition = 0; partition < span.Count; partition++)
            {
                ref var share = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    shares, _owners[span.Start + partition], out _);
                (share ??= ImmutableArray.CreateBuilder<int>()).Add(partition);
            }

            foreach (var (member, share) in shares)
                (owned[member] ??= []).Add(new(topic, share.ToImmutable()));
        }

        var target = new Dictionary<string, PartitionSet>(_members.Count, StringComparer.Ordinal);
        for (var member = 0; member < _members.Count; member++)
        {
            var share = owned[member] is { } topics ? PartitionSet.Of([.. topics]) : PartitionSet.Empty;
            var before = _members[member].Target;
            target[_members[member].MemberId] = share.Equals(before) ? before : share;
        }

        return target;
    }

    private bool Level(int pool)
    {
        if (!IsUneven(pool))
            return false;

        var stacks = Stacks(pool);
        var richest = new PriorityQueue<int, (int Load, int Member)>(
            stacks.Keys.Select(member => (member, (-_loads[member], member))));
        var poorest = new PriorityQueue<int, (int Load, int Member)>(
            _pools[pool].Members.Select(member => (member, (_loads[member], member))));
        while (richest.TryPeek(out var giver, out _) && poorest.TryPeek(out var taker, out _)
            && _loads[giver] - _loads[taker] >= 2)
        {
            Give(stacks[giver].Pop(), taker);
            _loads[giver]--;
            if (stacks[giver].Count > 0)
                richest.DequeueEnqueue(giver, (-_loads[giver], giver));
            else
                richest.Dequeue();
            poorest.DequeueEnqueue(taker, (_loads[taker], taker));
        }

        return true;
    }

    /// <summary>True when some owner in the pool has at least two partitions more than some subscriber.</summary>
    private bool IsUneven(int pool)
    {
        var (most, least) = (0, int.MaxValue);
        for (var partition = _poolStarts[pool]; partition < _poolStarts[pool + 1]; partition++)
            most = Math.Max(most, _loads[_owners[partition]]);
        foreach (var member in _pools[pool].Members)
            least = Math.Min(least, _loads[member]);
        return most - least >= 2;
    }

    /// <summary>What each owner in the pool can give, what it had all along at the bottom.</summary>
    private Dictionary<int, Stack<int>> Stacks(int pool)
    {
        var stacks = new Dictionary<int, Stack<int>>();
        foreach (var hadAllAlong in (ReadOnlySpan<bool>)[true, false])
        {
            for (var partition = _poolStarts[pool]; partition < _poolStarts[pool + 1]; partition++)
            {
                var owner = _owners[partition];
                if (_before[partition] == owner != hadAllAlong)
                    continue;
                if (!stacks.TryGetValue(owner, out var stack))
                    stacks[owner] = stack = new();
                stack.Push(partition);
            }
        }

        return stacks;
    }

    private void Give(int partition, int member)
    {
        _owners[partition] = member;
        _loads[member]++;
    }

    /// <summary>Where the partitions of a topic are: in which pool, from which number on, and how many.</summary>
    private readonly record struct TopicSpan(int Pool, int Start, int Count);
}
