using Barnabas.Base;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Quorum;

/// <summary>Finds what a node alone remembers: the newest snapshot, and the log after it.</summary>
/// <remarks>Blocks: it runs on a thread kept for that. It changes nothing on disk until all of it was read and found
/// good, but for leftovers that no name refers to.</remarks>
internal sealed partial class SoloRecovery(Host host, SoloSettings settings)
{
    private const string Topic = SoloReader.Topic;
    private static readonly TopicId MetadataTopic = new(new Uuid(0, 1));
    private readonly ILogger _log = host.Log.CreateLogger<SoloJournal>();
    private readonly string _directory = SoloReader.DirectoryIn(settings.LogDir);

    /// <summary>Reads everything and opens the log for the next epoch, which is on record when this returns.</summary>
    /// <exception cref="MetadataDamagedException">The node must not start on what is there.</exception>
    public Recovered Run()
    {
        MakeDirectory();
        var memory = new SoloReader(host, settings).Read();
        var (newest, log) = (memory.Newest, memory.Log);
        if (log.Torn is { } torn)
            Cut(torn, log.End);

        var voters = log.Voters;
        if (memory.IsBlank)
            voters = Begin();
        var opened = Open(newest, log);
        var epoch = memory.Epoch + 1;
        new QuorumState(voters.KRaftVersion, settings.Self.Id, epoch, settings.Self, [settings.Self.Id])
            .Write(host.Disk, _directory);
        return new Recovered
        {
            Log = opened,
            Directory = _directory,
            Epoch = epoch,
            Voters = voters,
            VotersAreNew = newest == SnapshotId.Bootstrap && log.Voters == memory.VotersOfSnapshot,
            Snapshot = newest,
            Base = memory.Snapshot,
            Batches = log.Batches,
            BytesAfterSnapshot = log.Bytes,
        };
    }

    /// <summary>The first voters of a new cluster, on record before its first epoch.</summary>
    private VoterSet Begin()
    {
        var alone = VoterSet.Alone(settings.Self);
        SnapshotFile.Write(
            host.Disk, Path.Combine(_directory, SnapshotId.Bootstrap.FileName), new SnapshotContent(0, 0, []), alone,
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

    [LoggerMessage(
        LogLevel.Warning,
        "The last write to the metadata was cut short and is dropped: {Path} from byte {Position} on "
            + "(offset {Offset}), {Reason}")]
    private partial void LogTorn(string path, long position, long offset, string reason);
}
