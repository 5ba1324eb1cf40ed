using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>Reads what a node alone remembers: the newest snapshot, and the log after it. Nothing on disk
/// changes.</summary>
/// <remarks>Blocks: it runs on a thread kept for that.</remarks>
internal sealed class SoloReader(Host host, SoloSettings settings)
{
    /// <summary>The topic of the metadata.</summary>
    public const string Topic = "__cluster_metadata";

    private readonly string _directory = DirectoryIn(settings.LogDir);

    /// <summary>Where a log directory has the metadata log.</summary>
    public static string DirectoryIn(string logDir) => Path.Combine(logDir, $"{Topic}-0");

    /// <summary>Reads everything.</summary>
    /// <exception cref="MetadataDamagedException">What is there is damaged.</exception>
    /// <exception cref="IOException">It belongs to a quorum of several nodes, or the disk refused.</exception>
    public SoloMemory Read()
    {
        var snapshots = Snapshots();
        var newest = snapshots.Count == 0 ? SnapshotId.Bootstrap : snapshots.Max;
        var (records, recorded, timestamp) = snapshots.Count == 0
            ? ([], VoterSet.Unrecorded, -1)
            : SnapshotFile.Read(host.Disk, Path.Combine(_directory, newest.FileName));
        var log = new MetadataLogScan(host.Disk, _directory, newest.End, recorded, settings.CleanShutdown).Run();
        var state = QuorumState.Read(host.Disk, _directory);
        Check(newest, log, state);
        return new SoloMemory
        {
            IsBlank = log.Start is null && snapshots.Count == 0,
            Newest = newest,
            VotersOfSnapshot = recorded,
            Log = log,
            Snapshot = newest.End == 0
                ? null
                : new Committed<ITypedRecord>(newest.End - 1, newest.Epoch, timestamp, records),
            Epoch = Math.Max(Math.Max(log.LastEpoch, newest.Epoch), state?.LeaderEpoch ?? 0),
        };
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
}
