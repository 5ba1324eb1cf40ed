using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Keeper;
using Barnabas.Log;
using Barnabas.Quorum;
using Barnabas.Wire;

namespace Barnabas.Node;

/// <summary>The controller's part of a node: the metadata log, and the machine that the cluster's state is.</summary>
/// <remarks>To its machine it stands for the journal, so that the machine, and what works with it, is there before the
/// journal has been read.</remarks>
internal sealed class MetadataRole : IJournal<ITypedRecord>, IAsyncDisposable
{
    private static readonly TimeSpan MirrorInterval = TimeSpan.FromSeconds(1);
    private readonly Lane _lane;
    private IQuorumJournal<ITypedRecord>? _journal;
    private SnapshotKeeper<ClusterState>? _snapshots;
    private KeeperMirror? _mirror;

    /// <summary>A role that knows nothing yet.</summary>
    public MetadataRole(Host host)
    {
        _lane = host.Lanes.NewLane("metadata");
        Machine = new(_lane, this);
    }

    /// <summary>The cluster's state, and the way to change it; empty until the log was read.</summary>
    public Machine<ClusterState, ITypedRecord> Machine { get; }

    /// <summary>The offset the next metadata record gets. On the journal's lane.</summary>
    public long NextOffset => Journal.NextOffset;

    /// <summary>Who keeps the metadata log, and how far they are. From any lane.</summary>
    public QuorumView DescribeQuorum() => Journal.Describe();

    /// <summary>Completes when nothing can be remembered any more.</summary>
    public Task<IOException> Fault => Journal.Fault;

    private IQuorumJournal<ITypedRecord> Journal
    {
        get
        {
            Invariant.Holds(_journal is not null, "the metadata is asked for once its log is open");
            return _journal;
        }
    }

    /// <summary>Completes when the lane of the metadata gets to it: that it does says that the lane is alive.</summary>
    public Task PingAsync() => _lane.RunAsync(static () => true);

    /// <inheritdoc/>
    public void Follow(IJournalFollower<ITypedRecord> follower) => Journal.Follow(follower);

    /// <inheritdoc/>
    public long Append(int epoch, IReadOnlyList<ITypedRecord> records) => Journal.Append(epoch, records);

    /// <summary>Makes sure that what a log directory has of the metadata is what counts.</summary>
    /// <exception cref="IOException">It was moved to an ensemble, or the disk refused.</exception>
    public static void CheckNotMoved(Host host, string directory)
    {
        if (MovedMark.Read(host.Disk, directory) is { } place)
        {
            throw new IOException(
                $"the metadata of this node was moved: set zookeeper.connect={place} (so says "
                + $"{MovedMark.PathIn(directory)})");
        }
    }

    /// <summary>Replays the metadata log of a node that is alone, and begins to lead.</summary>
    /// <exception cref="IOException">The log is damaged or the disk refused.</exception>
    public async Task StartAsync(Host host, BrokerId self, LogDirectory directory, MetadataLogConfig config)
    {
        var journal = await SoloJournal.OpenAsync(host, _lane, SoloSettingsOf(self, directory, config));
        await FollowAsync(journal);
        KeepSnapshots(host, journal, config);
    }

    /// <summary>Follows the metadata log that the nodes of this process share, and leads it when its turn
    /// comes.</summary>
    public async Task JoinAsync(Host host, BrokerId self, SharedJournal<ClusterState> shared)
    {
        var journal = shared.Join(self, _lane, host.Time);
        await FollowAsync(journal);
        await journal.Joined;
    }

    /// <summary>Follows the metadata log that a ZooKeeper ensemble keeps, and leads it when its turn comes.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="self">This node.</param>
    /// <param name="keeper">The ensemble.</param>
    /// <param name="config">When snapshots are written.</param>
    /// <param name="newClusterId">What to call a cluster that begins now; null where none may.</param>
    /// <returns>The cluster's id.</returns>
    /// <exception cref="NoClusterException">No cluster is kept there, and none may begin.</exception>
    /// <exception cref="IOException">No ensemble answered in time, it refuses, or what it keeps is damaged.</exception>
    public async Task<string> JoinAsync(
        Host host, BrokerId self, ZooKeeperConfig keeper, MetadataLogConfig config, string? newClusterId)
    {
        var journal = await KeeperJournal.OpenAsync(
            host, _lane, EnsembleSettings.Of(host, keeper, self) with { NewClusterId = newClusterId });
        await FollowAsync(journal);
        KeepSnapshots(host, journal, config);
        _mirror = new KeeperMirror(host, _lane, journal, Machine, journal.ClusterId, MirrorInterval);
        return journal.ClusterId;
    }

    /// <summary>Where the metadata log is, and whose.</summary>
    internal static SoloSettings SoloSettingsOf(BrokerId self, LogDirectory directory, MetadataLogConfig config) =>
        new(directory.Path, new Voter(self, directory.Meta.DirectoryId ?? Uuid.Zero))
        {
            SegmentBytes = config.SegmentBytes,
            SegmentAge = config.SegmentAge,
            CleanShutdown = directory.CleanShutdownEpoch is not null,
        };

    /// <summary>When snapshots are written.</summary>
    internal static SnapshotRules RulesOf(MetadataLogConfig config) =>
        new(config.BytesBetweenSnapshots, config.SnapshotInterval);

    /// <summary>Gives the lead up where another node can take it, and follows no more.</summary>
    public Task WithdrawAsync() => _journal?.WithdrawAsync() ?? Task.CompletedTask;

    /// <summary>Closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        _snapshots?.Dispose();
        // What the mirror waits for ends with the journal's session.
        if (_journal is not null)
            await _journal.CloseAsync();
        if (_mirror is not null)
            await _mirror.DisposeAsync();
    }

    private Task FollowAsync(IQuorumJournal<ITypedRecord> journal)
    {
        _journal = journal;
        return Machine.StartAsync();
    }

    private void KeepSnapshots(Host host, ISnapshotted<ITypedRecord> journal, MetadataLogConfig config) =>
        _snapshots = new SnapshotKeeper<ClusterState>(
            host, _lane, journal, Machine, ClusterSnapshot.ToRecords, RulesOf(config));
}
