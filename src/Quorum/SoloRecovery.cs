using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Quorum;

/// <summary>Finds what a node alone remembers: the newest snapshot, and the log after it.</summary>
/// <remarks>Blocks: it runs on a thread kept for that. It changes nothing on disk until all of it was read and found
/// good, but for leftovers that no name refers to.</remarks>
internal sealed partial class SoloRecovery(Host host, SoloSettings settings)
{
    private const string Topic = "__cluster_metadata";
    private static readonly TopicId MetadataTopic = new(new Uuid(0, 1));
    private readonly ILogger _log = host.Log.CreateLogger<SoloJournal>();
    private readonly string _directory = Path.Combine(settings.LogDir, $"{Topic}-0");

    /// <summary>Reads everything and opens the log for the next epoch, which is on record when this returns.</summary>
    /// <exception cref="MetadataDamagedException">The node must not start on what is there.</exception>
    public Recovered Run()
    {
        MakeDirectory();
        var snapshots = Snapshots();
        var newest = snapshots.Count == 0 ? SnapshotId.Bootstrap : snapshots.Max;
        var (records, recorded, timestamp) = snapshots.Count == 0
            ? ([], VoterSet.Unrecorded, -1)
            : SnapshotFile.Read(host.Disk, PathOf(newest));
        var log = new MetadataLogScan(host.Disk, _directory, newest.End, recorded, settings.CleanShutdown).Run();
        var state = QuorumState.Read(host.Disk, _directory);
        Check(newest, log, state);
        if (log.Torn is { } torn)
            Cut(torn, log.End);

        var voters = log.Voters;
        if (log.Start is null && snapshots.Count == 0)
            voters = Begin();
        var opened = Open(newest, log);
        var epoch = Math.Max(Math.Max(log.LastEpoch, newest.Epoch), state?.LeaderEpoch ?? 0) + 1;
        new QuorumState(voters.KRaftVersion, settings.Self.Id, epoch, settings.Self, [settings.Self.Id])
            .Write(host.Disk, _directory);
        return new Recovered
        {
            Log = opened,
            Directory = _directory,
            Epoch = epoch,
            Voters = voters,
            VotersAreNew = newest == SnapshotId.Bootstrap && log.Voters == recorded,
            Snapshot = newest,
            Base = newest.End == 0
                ? null
                : new Committed<ITypedRecord>(newest.End - 1, newest.Epoch, timestamp, records),
            Batches = log.Batches,
            BytesAfterSnapshot = log.Bytes,
        };
    }

    /// <summary>The first voters of a new cluster, on record before its first epoch.</summary>
    private VoterSet Begin()
    {
        var alone = VoterSet.Alone(settings.Self);
        SnapshotFile.Write(
            host.Disk, PathOf(SnapshotId.Bootstrap), new SnapshotContent(0, 0, []), alone,
            host.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return alone;
    }

    private void MakeDirectory()
    {
        if (!host.Disk.DirectoryExists(_directory))
        {
            host.Disk.CreateDirectory(_directory);
            host.Disk.SyncDirectory(settings.LogDir);
        }

        foreach (var entry in host.Disk.List(_directory))
        {
            if (entry.Name.EndsWith(SnapshotId.PartSuffix, StringComparison.Ordinal)
                || entry.Name.EndsWith(SnapshotId.DeletedSuffix, StringComparison.Ordinal))
            {
                host.Disk.DeleteFile(Path.Combine(_directory, entry.Name));
            }
        }
    }

    private SortedSet<SnapshotId> Snapshots()
    {
        var found = new SortedSet<SnapshotId>();
        foreach (var entry in host.Disk.List(_directory))
        {
            if (!entry.IsDirectory && SnapshotId.TryParse(entry.Name, out var id))
                found.Add(id);
        }

        return found;
    }

    private void Check(SnapshotId newest, ScannedLog log, QuorumState? state)
    {
        if (log.Start > newest.End)
        {
            throw new MetadataDamagedException(
                _directory, 0, newest.End, $"the log begins at offset {log.Start}, and no snapshot reaches so far");
        }

        // The state file is written only once the log's first segment is there.
        if (log.Start is null && state is not null)
        {
            throw new MetadataDamagedException(
                _directory, 0, newest.End, $"quorum-state knows epoch {state.LeaderEpoch}, but there is no log");
        }

        IEnumerable<BrokerId> others = [.. log.Voters.Voters.Select(voter => voter.Id), .. state?.Voters ?? []];
        if (others.Any(voter => voter != settings.Self.Id))
        {
            throw new IOException(
                $"{_directory} belongs to a quorum of the nodes {string.Join(", ", others.Distinct().Order())}: node "
                + $"{settings.Self.Id} alone must not lead it");
        }
    }

    // Here and not in the log's own recovery, which knows less of what a crash may have left.
    private void Cut(TornWrite torn, long end)
    {
        LogTorn(torn.Path, torn.Position, end, torn.Reason);
        using var file = host.Disk.Open(torn.Path, OpenMode.ReadWrite);
        file.SetLength(torn.Position);
        file.Sync();
    }

    private PartitionLog Open(SnapshotId newest, ScannedLog log)
    {
        var opened = PartitionLog.Open(
            host, _directory, new TopicPartition(Topic, 0),
            new LogSettings
            {
                SegmentBytes = settings.SegmentBytes,
                SegmentAge = settings.SegmentAge,
                DeletesOldSegments = false,
                RetentionBytes = null,
                RetentionTime = null,
                FileDeleteDelay = TimeSpan.Zero,
            },
            // A snapshot may come from elsewhere and reach further than the log, which then begins anew at its end.
            new OpenHints(new Offset(log.End), new Offset(newest.End), settings.CleanShutdown));
        if (opened.TopicId is null)
            opened.SetTopicId(MetadataTopic);
        opened.ApplyRetention(new Offset(newest.End));
        Invariant.Holds(
            opened.View.End.Value == Math.Max(log.End, newest.End), "the log ends where its last whole batch does");
        return opened;
    }

    private string PathOf(SnapshotId id) => Path.Combine(_directory, id.FileName);

    [LoggerMessage(
        LogLevel.Warning,
        "The last write to the metadata was cut short and is dropped: {Path} from byte {Position} on "
            + "(offset {Offset}), {Reason}")]
    private partial void LogTorn(string path, long position, long offset, string reason);
}
