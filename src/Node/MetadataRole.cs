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
internal sealed class MetadataRole : IAsyncDisposable
{
    private static readonly TimeSpan MirrorInterval = TimeSpan.FromSeconds(1);
    private readonly Lane _lane;
    private readonly IQuorumJournal<ITypedRecord> _journal;
    private readonly IDisposable? _snapshots;
    private readonly IAsyncDisposable? _mirror;

    private MetadataRole(
        Lane lane, IQuorumJournal<ITypedRecord> journal, Machine<ClusterState, ITypedRecord> machine,
        IDisposable? snapshots = null, IAsyncDisposable? mirror = null) =>
        (_lane, _journal, Machine, _snapshots, _mirror) = (lane, journal, machine, snapshots, mirror);

    /// <summary>The cluster's state, and the way to change it.</summary>
    public Machine<ClusterState, ITypedRecord> Machine { get; }

    /// <summary>The offset the next metadata record gets. On the journal's lane.</summary>
    public long NextOffset => _journal.NextOffset;

    /// <summary>Who keeps the metadata log, and how far they are. From any lane.</summary>
    public QuorumView DescribeQuorum() => _journal.Describe();

    /// <summary>Completes when nothing can be remembered any more.</summary>
    public Task<IOException> Fault => _journal.Fault;

    /// <summary>Completes when the lane of the metadata gets to it: that it does says that the lane is alive.</summary>
    public Task PingAsync() => _lane.RunAsync(static () => true);

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
    public static async Task<MetadataRole> StartAsync(
        Host host, BrokerId self, LogDirectory directory, MetadataLogConfig config)
    {
        var lane = host.Lanes.NewLane("metadata");
        var journal = await SoloJournal.OpenAsync(host, lane, SoloSettingsOf(self, directory, config));
        var machine = new Machine<ClusterState, ITypedRecord>(lane, journal);
        await machine.StartAsync();
        var snapshots = new SnapshotKeeper<ClusterState>(
            host, lane, journal, machine, ClusterSnapshot.ToRecords, RulesOf(config));
        return new MetadataRole(lane, journal, machine, snapshots);
    }

    /// <summary>Follows the metadata log that the nodes of this process share, and leads it when its turn
    /// comes.</summary>
    public static async Task<MetadataRole> JoinAsync(Host host, BrokerId self, SharedJournal<ClusterState> shared)
    {
        var lane = host.Lanes.NewLane("metadata");
        var journal = shared.Join(self, lane, host.Time);
        var machine = new Machine<ClusterState, ITypedRecord>(lane, journal);
        await machine.StartAsync();
        await journal.Joined;
        return new MetadataRole(lane, journal, machine);
    }

    /// <summary>Follows the metadata log that a ZooKeeper ensemble keeps, and leads it when its turn comes.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="self">This node.</param>
    /// <param name="keeper">The ensemble.</param>
    /// <param name="config">When snapshots are written.</param>
    /// <param name="newClusterId">What to call a cluster that begins now; null where none may.</param>
    /// <returns>The role, and the cluster's id.</returns>
    /// <exception cref="NoClusterException">No cluster is kept there, and none may begin.</exception>
    /// <exception cref="IOException">No ensemble answered in time, it refuses, or what it keeps is damaged.</exception>
    public static async Task<(MetadataRole Role, string ClusterId)> JoinAsync(
        Host host, BrokerId self, ZooKeeperConfig keeper, MetadataLogConfig config, string? newClusterId)
    {
        var lane = host.Lanes.NewLane("metadata");
        var journal = await KeeperJournal.OpenAsync(
            host, lane, EnsembleSettings.Of(host, keeper, self) with { NewClusterId = newClusterId });
        var machine = new Machine<ClusterState, ITypedRecord>(lane, journal);
        await machine.StartAsync();
        var snapshots = new SnapshotKeeper<ClusterState>(
            host, lane, journal, machine, ClusterSnapshot.ToRecords, RulesOf(config));
        var mirror = new KeeperMirror(host, lane, journal, machine, journal.ClusterId, MirrorInterval);
        return (new MetadataRole(lane, journal, machine, snapshots, mirror), journal.ClusterId);
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
    public Task WithdrawAsync() => _journal.WithdrawAsync();

    /// <summary>Closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        _snapshots?.Dispose();
        // What the mirror waits for ends with the journal's session.
        await _journal.CloseAsync();
        if (_mirror is not null)
            await _mirror.DisposeAsync();
    }
}
