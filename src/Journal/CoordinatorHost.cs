using Barnabas.Base;

namespace Barnabas.Journal;

/// <summary>A coordinator's shards on this node: a machine for each partition of its topic that is led here.</summary>
/// <remarks>Look-ups may come from any lane; shards come and go on a lane of its own.</remarks>
/// <typeparam name="TState">What a shard remembers.</typeparam>
/// <typeparam name="TRecord">What it is made of.</typeparam>
/// <param name="host">The machine.</param>
/// <param name="name">What the coordinator's lanes are called.</param>
/// <param name="open">Makes a shard's journal.</param>
/// <param name="loaded">Called on a shard's lane when it is loaded: timers are set there.</param>
/// <param name="rang">Called on a shard's lane when a timer rang.</param>
/// <param name="patience">How long a caller waits for a commit before it is told COORDINATOR_NOT_AVAILABLE. From any
/// lane.</param>
/// <param name="perform">Performs, on a shard's lane, the effects that are the coordinator's own; null where there are
/// none.</param>
public sealed class CoordinatorHost<TState, TRecord>(
    Host host, string name, OpenJournal<TRecord> open, Action<Shard<TState, TRecord>> loaded,
    Action<Shard<TState, TRecord>, TimerKey> rang, Func<TimeSpan> patience,
    Action<Shard<TState, TRecord>, Effect>? perform = null)
    where TState : IReplayed<TState, TRecord>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lane _lane = host.Lanes.NewLane(name);
    private readonly Dictionary<int, int> _wanted = [];
    private readonly Dictionary<int, ITimer> _retries = [];
    private volatile PersistentMap<int, Shard<TState, TRecord>> _shards =
        PersistentMap<int, Shard<TState, TRecord>>.Empty();

    private bool _isClosed;

    /// <summary>The shards led here, loaded or not, by number.</summary>
    public IEnumerable<Shard<TState, TRecord>> All => _shards.Select(shard => shard.Value);

    /// <summary>A shard led here; null where another node leads it or nobody does.</summary>
    public Shard<TState, TRecord>? Find(int index) => _shards.TryGetValue(index, out var shard) ? shard : null;

    /// <summary>Whether a shard can be asked.</summary>
    /// <returns>None; COORDINATOR_LOAD_IN_PROGRESS; NOT_COORDINATOR.</returns>
    public ErrorCode Check(int index) => Find(index)?.Check() ?? ErrorCode.NotCoordinator;

    /// <summary>This node leads a shard from now on: it is loaded. Nothing happens where it leads it in that epoch
    /// already.</summary>
    public void Lead(int index, int epoch) => _lane.Post(async () =>
    {
        if (_isClosed || (_wanted.TryGetValue(index, out var wanted) && wanted >= epoch))
            return;
        _wanted[index] = epoch;
        await EndAsync(index);
        Begin(index, epoch);
    });

    /// <summary>This node leads a shard no longer.</summary>
    public void Resign(int index) => _lane.Post(async () =>
    {
        _wanted.Remove(index);
        await EndAsync(index);
    });

    /// <summary>Gives all shards up; whoever waits is told so.</summary>
    public Task CloseAsync() => _lane.RunAsync(async () =>
    {
        _isClosed = true;
        _wanted.Clear();
        foreach (var (index, _) in _shards)
            await EndAsync(index);
    });

    private async Task EndAsync(int index)
    {
        if (_retries.Remove(index, out var retry))
            retry.Dispose();
        if (Find(index) is not { } old)
            return;
        _shards = _shards.Without(index);
        await old.EndAsync();
    }

    private void Begin(int index, int epoch)
    {
        // Another change of the same shard may have overtaken this one while the old shard ended.
        if (_wanted.GetValueOrDefault(index, -1) != epoch || Find(index) is not null)
            return;
        var events = new ShardEvents<TState, TRecord>(loaded, rang, OnLost, patience, perform);
        var shard = new Shard<TState, TRecord>(host, index, epoch, $"{name}-{index}", open, events);
        _shards = _shards.With(index, shard);
        shard.Load();
    }

    // The journal refused a record or could not be read: what is committed stands, and is loaded anew.
    private void OnLost(Shard<TState, TRecord> shard) => _lane.Post(() =>
    {
        if (Find(shard.Index) != shard)
            return;
        _retries[shard.Index] = host.Time.CreateTimer(
            _ => _lane.Post(() => Retry(shard)), null, Pause, Timeout.InfiniteTimeSpan);
    });

    private void Retry(Shard<TState, TRecord> lost)
    {
        if (_retries.Remove(lost.Index, out var timer))
            timer.Dispose();
        if (Find(lost.Index) != lost)
            return;
        _shards = _shards.Without(lost.Index);
        Begin(lost.Index, lost.Epoch);
    }
}
