using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Barnabas.Metrics;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <summary>The partitions this node holds: it follows the cluster's state and makes the disk agree with it.</summary>
/// <remarks>Changes are worked off one after the other on a lane of its own, disk work included, so that the journal
/// never waits for a disk full of new partitions. Look-ups may come from any lane.</remarks>
public sealed partial class Replicas
{
    private readonly Host _host;
    private readonly BrokerId _self;
    private readonly EffectiveConfigs _configs;
    private readonly LogDirectories _directories;
    private readonly Lane _lane;
    private readonly ILogger _log;
    private readonly Queue<Func<Task>> _changes = new();
    private readonly Dictionary<Partition, LogDirectory> _homes = [];
    private volatile PersistentMap<(TopicId Topic, int Partition), Partition> _hosted =
        PersistentMap<(TopicId Topic, int Partition), Partition>.Empty();

    private readonly HistogramSeries _flushes;
    private readonly Compactor _compactor;
    private readonly LeaderTerms _leaderTerms;
    private readonly IsrProposals _proposals;
    private readonly Followers _followers;
    private readonly MovedWatermarks _watermarks;
    private long _brokerEpoch = -1;
    private volatile ClusterState _state = ClusterState.Empty;

    /// <summary>What there was before this start, where not all directories could be opened.</summary>
    private ClusterState _stateAtStart = ClusterState.Empty;
    private bool _working;
    private PartitionContext? _context;
    private ((TopicConfig Topic, TimeSpan ProducerIdExpiration) Key, LogSettings Settings)? _settings;

    /// <summary>A node that holds nothing yet.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="self">This broker.</param>
    /// <param name="directories">Its log directories, open.</param>
    /// <param name="failed">The paths of those that could not be opened.</param>
    /// <param name="configs">What topics and brokers are configured with.</param>
    public Replicas(
        Host host, BrokerId self, IReadOnlyList<LogDirectory> directories, IReadOnlyList<string> failed,
        EffectiveConfigs configs)
    {
        (_host, _self, _configs) = (host, self, configs);
        _log = host.Log.CreateLogger<Replicas>();
        _directories = new LogDirectories(directories, failed, _log);
        _lane = host.Lanes.NewLane("replicas");
        _mover = new ReplicaMover(host, this, LimitsOfMoves);
        _flushes = FlushTimes.Begin();
        _watermarks = new MovedWatermarks(() => _lane.Post(ArmWatermarks));
        _proposals = new IsrProposals(host, self, () => BrokerEpoch);
        _leaderTerms = new LeaderTerms(self, () => _state, () => BrokerEpoch, LagLimit) { Planted = host.Planted };
        LeaderQuota = new ReplicationQuota(
            host.Time, () => QuotaOf(ReplicationConfig(), static config => config.LeaderThrottledRate));
        _followers = new Followers(new FollowerTerms(
            host, self, () => BrokerEpoch, ReplicationConfig,
            new ReplicationQuota(
                host.Time, () => QuotaOf(ReplicationConfig(), static config => config.FollowerThrottledRate)),
            FindBroker));
        _compactor = new Compactor(
            host, _lane, () => _homes.Select(h => (h.Key, h.Value)).Where(h => !_moves.ContainsKey(h.Key)),
            () => configs.Broker(_state.Configs).Cleaner, FailDirectory);
    }

    /// <summary>Every partition held here, by topic id and index.</summary>
    public IEnumerable<Partition> All => _hosted.Select(p => p.Value);

    /// <summary>The log directories.</summary>
    public LogDirectories Directories => _directories;

    /// <summary>What clients do with the topics held here.</summary>
    public Traffic Traffic { get; } = new();

    /// <summary>What this broker and others do to keep replicas alike.</summary>
    public ReplicationTraffic ReplicationTraffic { get; } = new();

    /// <summary>Bounds what followers are given of replicas that are throttled here (KIP-73).</summary>
    public ReplicationQuota LeaderQuota { get; }

    /// <summary>The epoch of this broker's registration; -1 before there is one. From any lane.</summary>
    public long BrokerEpoch
    {
        get => Volatile.Read(ref _brokerEpoch);
        set => Volatile.Write(ref _brokerEpoch, value);
    }

    /// <summary>The way to the controller, wherever it is, for changes of who is in sync (KIP-497); null where there is
    /// none: then nobody comes to be in sync, or ceases to be. Set before anything is led here.</summary>
    public Func<AlterPartitionRequest, Task<AlterPartitionResponse>>? AlterPartition
    {
        get => _proposals.Send;
        set => _proposals.Send = value;
    }

    /// <summary>The ids of log directories that have failed since the start: the cluster has others lead what is in
    /// them (KIP-858). From any lane.</summary>
    public IEnumerable<Uuid> OfflineDirectories =>
        from directory in _directories.All
        where directory.IsOffline && directory.Meta.DirectoryId is not null
        select directory.Meta.DirectoryId!.Value;

    /// <summary>What compaction does.</summary>
    public CompactionFigures Compaction => _compactor.Figures;

    /// <summary>How long syncs of logs take: Kafka's LogFlushStats.</summary>
    public HistogramFamily FlushTimes { get; } = new(
        "kafka.log.logflushstats.logflushrateandtimems", "ms", "Syncs of partitions' logs to disk.", [],
        HistogramShape.Time);

    /// <summary>Called, once, on the lane of the replicas when the last log directory has failed.</summary>
    public Action? AllDirectoriesFailed { get; set; }

    /// <summary>A partition held here; null where it is not.</summary>
    public Partition? Find(TopicId topic, int partition) =>
        _hosted.TryGetValue((topic, partition), out var p) ? p : null;

    /// <summary>Completes when the lane of the replicas gets to it: that it does says that the lane is alive.</summary>
    public Task PingAsync() => _lane.RunAsync(static () => true);

    /// <summary>Opens the logs found on disk; those the state does not know are set aside.</summary>
    /// <param name="state">The cluster as it was last known.</param>
    /// <param name="recoveryThreads">Logs recovered at a time in each directory.</param>
    public Task LoadAsync(ClusterState state, int recoveryThreads) => _lane.RunAsync(async () =>
    {
        _state = _stateAtStart = state;
        if (_directories.All.Any(static directory => directory.HasPartitions))
            await LoadFoundAsync(state, recoveryThreads);
        ResumeMoves(state);
        if (_directories.Failed.Count == 0)
            _stateAtStart = ClusterState.Empty;
    });

    private async Task LoadFoundAsync(ClusterState state, int recoveryThreads)
    {
        var loading = _directories.All
            .Select(d => (
                Directory: d,
                Logs: d.LoadAsync(tp => Settings(state, tp.Topic), tp => TrustsCache(state, tp), recoveryThreads)))
            .ToList();
        var found = new List<(LogDirectory Directory, LoadedPartition Loaded)>();
        foreach (var (directory, logs) in loading)
        {
            await TryAsync(directory, async () =>
            {
                foreach (var loaded in await logs)
                    found.Add((directory, loaded));
            });
        }

        foreach (var (directory, loaded) in await ChooseAsync(state, found))
            await TryAsync(directory, () => AdoptAsync(state, directory, loaded));
    }

    /// <summary>Takes note of a change of the cluster's state; the work is done later, in order. From any
    /// lane.</summary>
    public void OnChanged(ClusterState before, ClusterState after)
    {
        _state = after;
        Enqueue(() => ApplyAsync(before, after));
    }

    /// <summary>Completes when all changes noted so far have been worked off.</summary>
    public Task SettledAsync()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            settled.SetResult();
            return Task.CompletedTask;
        });
        return settled.Task;
    }

    /// <summary>Closes every log and writes the checkpoints; with all closed cleanly, says so for the next
    /// start.</summary>
    public Task CloseAsync(long brokerEpoch) => _lane.RunAsync(async () =>
    {
        _isClosed = true;
        await _followers.CloseAsync();
        await CheckpointAsync(Checkpoints.All);
        var open = new Queue<(Partition Partition, LogDirectory Directory)>(_homes.Select(h => (h.Key, h.Value)));
        var closing = new List<Task>();
        while (closing.Count < MostBegun && open.Count > 0)
            closing.Add(CloseWaitingAsync(open));
        await Task.WhenAll(closing);
        foreach (var directory in _directories.Online.Except(_unclean))
        {
            try
            {
                directory.WriteCleanShutdown(brokerEpoch);
            }
            catch (IOException fault)
            {
                SayNoCleanStop(_log, directory.Path, fault);
            }
        }
    });

    // Each waits for the disk several times, and a disk that is waited for by many is hardly slower than by one.
    private async Task CloseWaitingAsync(Queue<(Partition Partition, LogDirectory Directory)> open)
    {
        while (open.TryDequeue(out var next))
        {
            try
            {
                await next.Partition.CloseAsync(clean: true);
            }
            catch (IOException fault)
            {
                SayUnclean(_log, next.Partition.View.Name, fault);
                _unclean.Add(next.Directory);
            }
        }
    }

    /// <summary>Closes every log as it is: the next start recovers them, as after a crash.</summary>
    public Task AbandonAsync() => _lane.RunAsync(async () =>
    {
        _isClosed = true;
        await _followers.CloseAsync();
        foreach (var partition in _homes.Keys)
            await partition.CloseAsync(clean: false);
    });

    private static QuotaTerms QuotaOf(ReplicationConfig config, Func<ReplicationConfig, long> rate) =>
        new(rate(config), config.QuotaWindows, config.QuotaWindow);

    private void Enqueue(Func<Task> change) => _lane.Post(() =>
    {
        _changes.Enqueue(change);
        if (!_working)
            Work();
    });

    private async void Work()
    {
        _working = true;
        while (_changes.TryDequeue(out var change))
            await change();
        _working = false;
    }

    private async Task TryAsync(LogDirectory directory, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (IOException fault)
        {
            FailDirectory(directory, fault);
        }
    }

    private void FailDirectory(LogDirectory directory, IOException fault)
    {
        if (!_directories.Fail(directory, fault))
            return;
        foreach (var (partition, home) in _homes)
        {
            if (home == directory)
                partition.TakeOffline();
        }

        foreach (var move in _moves.Values)
        {
            if (move.Target == directory || _homes.GetValueOrDefault(move.Partition) == directory)
                Enqueue(() => AbandonAsync(move));
        }

        if (!_directories.Online.Any())
            AllDirectoriesFailed?.Invoke();
    }

    // Of what the cluster does not know nobody knows what was promised.
    private bool TrustsCache(ClusterState state, TopicPartition name) =>
        state.FindPartition(name) is { Replicas.Length: > 0 } partition
        && !_configs.Topic(state.Configs, name.Topic).SyncsBeforeAnswer(partition.Replicas.Length);

    private LogSettings Settings(ClusterState state, string topic)
    {
        var key = (_configs.Topic(state.Configs, topic), _configs.Broker(state.Configs).ProducerIdExpiration);
        // The partitions of a topic come one after the other, and share what they obey.
        if (_settings is not { } known || known.Key != key)
            _settings = known = (key, key.Item1.ToLogSettings(key.ProducerIdExpiration));
        return known.Settings;
    }

    [LoggerMessage(LogLevel.Error, "{Path} is not marked as closed cleanly; its logs are recovered at the next start")]
    private static partial void SayNoCleanStop(ILogger log, string path, IOException fault);

    [LoggerMessage(LogLevel.Error, "{Partition} did not close cleanly and will be recovered at the next start")]
    private static partial void SayUnclean(ILogger log, TopicPartition partition, IOException fault);
}
