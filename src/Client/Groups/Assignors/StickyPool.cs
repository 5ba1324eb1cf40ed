using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The members that subscribe to the same topics of a <see cref="StickyPlan"/>, by load.</summary>
internal sealed class StickyPool(IReadOnlyCollection<StickyShare> members)
{
    private readonly HashSet<StickyShare> _members = [.. members];
    private readonly SortedSet<StickyShare> _byLoad = new(StickyShare.ByLoad);

    /// <summary>How many there are.</summary>
    public int Count => _members.Count;

    /// <summary>The one with the fewest partitions; of several the one with the least id.</summary>
    public StickyShare Lightest => _byLoad.Min!;

    /// <summary>True when the member is one of them.</summary>
    public bool Has(StickyShare member) => _members.Contains(member);

    /// <summary>Takes in a member at its load as it is now.</summary>
    public void Add(StickyShare member) => _byLoad.Add(member);

    /// <summary>Takes it out, so that its load may change.</summary>
    public void Remove(StickyShare member) => _byLoad.Remove(member);
}

/// <summary>A member's share in a <see cref="StickyPlan"/>.</summary>
internal sealed class StickyShare(string memberId)
{
    /// <summary>By load, then by member id.</summary>
    public static readonly IComparer<StickyShare> ByLoad = Comparer<StickyShare>.Create((a, b) =>
        a.Load != b.Load ? a.Load.CompareTo(b.Load) : string.CompareOrdinal(a.MemberId, b.MemberId));

    private readonly Dictionary<StickyPool, (Stack<TopicPartition> Kept, Stack<TopicPartition> New)> _shares = [];

    /// <summary>The member's id.</summary>
    public string MemberId { get; } = memberId;

    /// <summary>How many partitions it has.</summary>
    public int Load { get; private set; }

    /// <summary>The pools it is in.</summary>
    public IReadOnlyCollection<StickyPool> Pools => _shares.Keys;

    /// <summary>The pools of which it has partitions.</summary>
    public IEnumerable<StickyPool> Giving => _shares.Where(s => s.Value.Kept.Count + s.Value.New.Count > 0)
        .Select(s => s.Key);

    /// <summary>All it has, in order.</summary>
    public IReadOnlyList<TopicPartition> All => [.. _shares.Values.SelectMany(s => s.Kept.Concat(s.New)).Order()];

    /// <summary>Says that it is in a pool.</summary>
    public void Join(StickyPool pool) => _shares.TryAdd(pool, (new(), new()));

    /// <summary>Leaves it a partition that it had.</summary>
    public void Keep(StickyPool pool, TopicPartition partition)
    {
        _shares[pool].Kept.Push(partition);
        Load++;
    }

    /// <summary>Gives it a partition that it did not have.</summary>
    public void Take(StickyPool pool, TopicPartition partition)
    {
        _shares[pool].New.Push(partition);
        Load++;
    }

    /// <summary>Takes one away: rather one that it did not have before.</summary>
    public TopicPartition Give(StickyPool pool)
    {
        Load--;
        var (kept, fresh) = _shares[pool];
        return fresh.Count > 0 ? fresh.Pop() : kept.Pop();
    }
}
