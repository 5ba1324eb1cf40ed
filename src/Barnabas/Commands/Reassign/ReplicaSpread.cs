using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary>Spreads partitions over brokers: evenly, over racks as far as there are racks, and with as few replicas
/// moved as that takes.</summary>
internal sealed class ReplicaSpread
{
    private readonly IReadOnlyDictionary<TopicPartition, IReadOnlyList<BrokerId>> _current;
    private readonly Dictionary<BrokerId, string?> _racks;
    private readonly SortedDictionary<BrokerId, int> _held;
    private readonly SortedDictionary<TopicPartition, List<BrokerId>> _placed = [];

    private ReplicaSpread(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<BrokerId>> current,
        IReadOnlyDictionary<BrokerId, string?> racks)
    {
        _current = current;
        _racks = new(racks);
        _held = new(racks.Keys.ToDictionary(broker => broker, _ => 0));
    }

    /// <summary>Who is to hold the partitions.</summary>
    /// <param name="current">Who holds them, the preferred leader first.</param>
    /// <param name="racks">The brokers to use, and their racks; brokers without one are all of one.</param>
    /// <param name="replicas">How many replicas a partition is to have; null for as many as it has, or as there are
    /// brokers.</param>
    public static SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>> Plan(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<BrokerId>> current,
        IReadOnlyDictionary<BrokerId, string?> racks, int? replicas = null)
    {
        var spread = new ReplicaSpread(current, racks);
        var factors = new Dictionary<TopicPartition, int>();
        foreach (var (partition, held) in current.OrderBy(entry => entry.Key))
        {
            factors[partition] = Math.Min(replicas ?? held.Count, racks.Count);
            spread.Keep(partition, factors[partition]);
        }

        foreach (var (partition, factor) in factors.OrderBy(entry => entry.Key))
            spread.Fill(partition, factor);
        spread.Level();
        spread.SpreadLeaders();
        return new(spread._placed.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<BrokerId>)entry.Value));
    }

    /// <summary>Who is to hold partitions that some brokers have to give up: the other replicas stay, and in place of
    /// those that go come brokers that hold little, of other racks as far as there are racks.</summary>
    /// <param name="current">Who holds the partitions of the cluster, the preferred leader first.</param>
    /// <param name="toMove">The partitions to change.</param>
    /// <param name="racks">The brokers that stay, and their racks; brokers without one are all of one.</param>
    public static SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>> Evacuate(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<BrokerId>> current, IReadOnlySet<TopicPartition> toMove,
        IReadOnlyDictionary<BrokerId, string?> racks)
    {
        var spread = new ReplicaSpread(current, racks);
        foreach (var broker in current.SelectMany(entry => entry.Value).Where(racks.ContainsKey))
            spread._held[broker]++;
        foreach (var partition in toMove.Order())
        {
            spread._placed[partition] = [.. current[partition].Where(racks.ContainsKey)];
            spread.Fill(partition, current[partition].Count);
        }

        return new(spread._placed.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<BrokerId>)entry.Value));
    }

    /// <summary>Keeps what may stay; of too many, one a rack first, and no more of a rack than it has to
    /// hold.</summary>
    private void Keep(TopicPartition partition, int factor)
    {
        var stays = new List<BrokerId>();
        _placed[partition] = stays;
        var may = _current[partition].Where(_racks.ContainsKey).ToList();
        var most = MostOfOneRack(factor);
        foreach (var broker in may.OrderBy(broker => may.TakeWhile(b => b != broker).Count(b => SameRack(b, broker))))
        {
            if (stays.Count < factor && stays.Count(b => SameRack(b, broker)) < most)
                stays.Add(broker);
        }

        stays.Sort((a, b) => may.IndexOf(a).CompareTo(may.IndexOf(b)));
        foreach (var broker in stays)
            _held[broker]++;
    }

    /// <summary>The fewest replicas that one rack has to take, some racks being smaller than others.</summary>
    private int MostOfOneRack(int factor)
    {
        var sizes = _racks.Values.GroupBy(rack => rack ?? "").Select(rack => rack.Count()).ToList();
        var most = 1;
        while (sizes.Sum(size => Math.Min(size, most)) < factor)
            most++;
        return most;
    }

    private void Fill(TopicPartition partition, int factor)
    {
        var placed = _placed[partition];
        while (placed.Count < factor)
        {
            var broker = _held.Keys
                .Where(candidate => !placed.Contains(candidate))
                .MinBy(candidate => (placed.Count(b => SameRack(b, candidate)), _held[candidate], candidate));
            placed.Add(broker);
            _held[broker]++;
        }
    }

    /// <summary>Moves single replicas from who holds most to who holds least, until no move makes it more even without
    /// bringing more of a partition into one rack; those first that are copied anyway.</summary>
    private void Level()
    {
        while (true)
        {
            var move = (
                from most in _held.Keys.OrderByDescending(broker => _held[broker])
                from least in _held.Keys.OrderBy(broker => _held[broker])
                where _held[most] - _held[least] > 1
                from entry in _placed.OrderBy(entry => _current[entry.Key].Contains(most))
                where MayMove(entry.Value, most, least)
                select (entry.Value, most, least)).FirstOrDefault();
            if (move.Value is null)
                return;
            move.Value[move.Value.IndexOf(move.most)] = move.least;
            _held[move.most]--;
            _held[move.least]++;
        }
    }

    private bool MayMove(List<BrokerId> placed, BrokerId from, BrokerId to) =>
        placed.Contains(from) && !placed.Contains(to)
        && placed.Count(b => b != from && SameRack(b, to)) <= placed.Count(b => b != from && SameRack(b, from));

    /// <summary>Puts another replica first where its broker is first of fewer partitions. No data moves for
    /// that.</summary>
    private void SpreadLeaders()
    {
        var leads = _held.Keys.ToDictionary(broker => broker, _ => 0);
        foreach (var placed in _placed.Values.Where(placed => placed.Count > 0))
            leads[placed[0]]++;
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var placed in _placed.Values.Where(placed => placed.Count > 1))
            {
                var fewest = placed.MinBy(broker => leads[broker]);
                if (leads[placed[0]] - leads[fewest] < 2)
                    continue;
                leads[placed[0]]--;
                leads[fewest]++;
                placed.Remove(fewest);
                placed.Insert(0, fewest);
                changed = true;
            }
        }
    }

    private bool SameRack(BrokerId one, BrokerId other) => _racks[one] == _racks[other];
}
