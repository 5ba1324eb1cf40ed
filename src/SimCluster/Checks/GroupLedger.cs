namespace Barnabas.SimCluster;

/// <summary>What members know of their group over one topic: who was given which partition, what was handled, and what
/// was committed.</summary>
/// <param name="name">The group, for messages.</param>
/// <param name="partitions">How many partitions the topic has.</param>
internal sealed class GroupLedger(string name, int partitions)
{
    private readonly Dictionary<(int Generation, int Partition), string> _owners = [];
    private readonly HashSet<long>[] _ahead =
        [.. Enumerable.Range(0, partitions).Select(static _ => new HashSet<long>())];

    private readonly long[] _handled = new long[partitions];
    private readonly long[] _committed = new long[partitions];

    /// <summary>The group.</summary>
    public string Name => name;

    /// <summary>How many partitions the topic has.</summary>
    public int Partitions => partitions;

    /// <summary>How many commits were acknowledged.</summary>
    public int Commits { get; private set; }

    /// <summary>The newest generation that shared partitions out.</summary>
    public int Generation { get; private set; }

    /// <summary>A member has a partition in a generation: nobody else has it in the same.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="member">The member: a static one by its lasting name.</param>
    public void Own(int generation, int partition, string member)
    {
        Generation = Math.Max(Generation, generation);
        var owner = _owners.GetValueOrDefault((generation, partition));
        Promise.Holds(
            owner is null || owner == member,
            $"{name}: in generation {generation} partition {partition} is {owner}'s and {member}'s");
        _owners[(generation, partition)] = member;
    }

    /// <summary>A member was given a record, and is done with it before it commits.</summary>
    public void Handle(int partition, long offset)
    {
        _ahead[partition].Add(offset);
        while (_ahead[partition].Remove(_handled[partition]))
            _handled[partition]++;
    }

    /// <summary>How far the group has come, for sure: what is sent or asked from now on is held against that.</summary>
    public long Floor(int partition) => _committed[partition];

    /// <summary>A member's commit was acknowledged.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">What was committed.</param>
    /// <param name="floor">The floor when it was sent: whoever was behind it had lost the partition.</param>
    public void Acknowledge(int partition, long offset, long floor)
    {
        Promise.Holds(
            offset >= floor,
            $"{name}: {offset} was accepted for partition {partition} from somebody who had lost it, after {floor}");
        Commits++;
        _committed[partition] = Math.Max(_committed[partition], offset);
    }

    /// <summary>The group's position was read.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The position; -1 for none.</param>
    /// <param name="floor">The floor when it was asked for.</param>
    public void Saw(int partition, long offset, long floor)
    {
        Promise.Holds(
            Math.Max(offset, 0) >= floor,
            $"{name}: {floor} was committed in partition {partition}, which stands at {offset}");
        Promise.Holds(
            offset <= _handled[partition],
            $"{name}: partition {partition} stands at {offset}, and nobody was given {_handled[partition]}");
        _committed[partition] = Math.Max(_committed[partition], offset);
    }

    /// <summary>True when all up to <paramref name="end"/> was handled and is known to be committed.</summary>
    public bool HasCome(int partition, long end) => _handled[partition] >= end && _committed[partition] >= end;
}
