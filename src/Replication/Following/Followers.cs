using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>Which loop follows which partition: a partition belongs to one of the loops that follow its leader, always
/// the same. Owned by the lane of the replicas.</summary>
internal sealed class Followers(FollowerTerms terms)
{
    private readonly Dictionary<(BrokerId Leader, int Number), (FollowerLoop Loop, int Partitions)> _loops = [];
    private readonly Dictionary<Partition, (BrokerId Leader, int Number)> _follows = [];
    private readonly List<Task> _stopping = [];
    private int _fetchers = terms.Config().Fetchers;

    /// <summary>The partitions that follow somebody.</summary>
    public int Count => _follows.Count;

    /// <summary>Follows a partition's leader, or goes on at once where it is followed already.</summary>
    public void Follow(Partition partition, BrokerId leader)
    {
        var key = (leader, NumberOf(partition.View));
        if (_follows.TryGetValue(partition, out var old) && old != key)
            Leave(partition);
        var (loop, partitions) = _loops.TryGetValue(key, out var known)
            ? known
            : (new FollowerLoop(terms, leader, key.Item2), 0);
        if (_follows.TryAdd(partition, key))
            _loops[key] = (loop, partitions + 1);
        loop.Add(partition);
    }

    /// <summary>Follows a partition's leader no longer.</summary>
    public void Leave(Partition partition)
    {
        if (!_follows.Remove(partition, out var key))
            return;
        var (loop, partitions) = _loops[key];
        loop.Remove(partition);
        _loops[key] = (loop, partitions - 1);
        if (partitions > 1)
            return;
        _loops.Remove(key);
        Stop(loop);
    }

    /// <summary>Spreads the partitions anew where <c>num.replica.fetchers</c> has changed.</summary>
    public void Respread()
    {
        if (_fetchers == terms.Config().Fetchers)
            return;
        _fetchers = terms.Config().Fetchers;
        foreach (var (partition, key) in _follows.ToList())
            Follow(partition, key.Leader);
    }

    /// <summary>Follows nobody any more.</summary>
    public async Task CloseAsync()
    {
        foreach (var (loop, _) in _loops.Values)
            Stop(loop);
        _loops.Clear();
        _follows.Clear();
        foreach (var stopping in _stopping)
            await stopping;
        _stopping.Clear();
    }

    // Not waited for: it may be dialling a broker that is gone, and what it still brings is fenced by the epoch.
    private void Stop(FollowerLoop loop)
    {
        _stopping.RemoveAll(static stopping => stopping.IsCompleted);
        _stopping.Add(loop.StopAsync());
    }

    private int NumberOf(PartitionView view) =>
        (int)((view.TopicId.Value.Low + (ulong)view.Name.Partition) % (ulong)_fetchers);
}
