using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>A snapshot on disk: a header batch, batches of records, a footer batch (KIP-630).</summary>
/// <remarks>Offsets count from 0 within the file. The file is complete exactly when it has its final name and its
/// footer.</remarks>
public static class SnapshotFile
{
    private const int BatchBytes = 1 << 20;

    /// <summary>Writes a snapshot and makes it durable. Blocks.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The final path.</param>
    /// <param name="snapshot">What it stands for; the records may be made while they are written.</param>
    /// <param name="voters">The voters at its end.</param>
    /// <param name="now">The time, in ms since 1970.</param>
    public static void Write(
        IDisk disk, string path, SnapshotContent snapshot, VoterSet voters, long now)
    {
        var part = path + ".part";
        using (var file = disk.Open(part, OpenMode.ReadWrite))
        {
            file.SetLength(0);
            using var writer = new Writer(file, new LeaderEpoch(snapshot.Epoch));
            ControlBatch.AppendSnapshotHeader(writer.Builder, now, snapshot.LastTimestamp);
            ControlBatch.AppendVoters(writer.Builder, now, voters);
            writer.Flush(isControl: true);
            foreach (var record in snapshot.Records)
            {
                writer.Builder.Append(now, default, MetadataRecordFrame.Write(record));
                if (writer.Builder.Size >= BatchBytes)
                    writer.Flush(isControl: false);
            }

            writer.Flush(isControl: false);
            ControlBatch.AppendSnapshotFooter(writer.Builder, now);
            writer.Flush(isControl: true);
            file.Sync();
        }

        disk.Rename(part, path);
        disk.SyncDirectory(DurableFile.DirectoryOf(path));
    }

    /// <summary>Reads and checks a whole snapshot. Blocks.</summary>
    /// <returns>Its records, and the voters it names.</returns>
    /// <exception cref="MetadataDamagedException">Bytes are damaged, or header or footer are missing.</exception>
    public static (IReadOnlyList<ITypedRecord> Records, VoterSet Voters, long LastTimestamp) Read(
        IDisk disk, string path)
    {
        using var file = disk.Open(path, OpenMode.Read);
        var batches = new BatchFile(file);
        var records = new List<ITypedRecord>();
        var voters = VoterSet.Unrecorded;
        var lastTimestamp = -1L;
        var (position, next, complete) = (0L, 0L, false);
        while (position < batches.Length)
        {
            if (complete)
                throw new MetadataDamagedException(path, position, next, "bytes follow the snapshot's footer");
            if (!batches.TryRead(position, out var bytes, out var fault))
                throw new MetadataDamagedException(path, position, next, fault);

            var content = ReadContent(path, position, next, bytes, voters);
            if ((position == 0) != content.Control.Contains(ControlRecordType.SnapshotHeader))
                throw new MetadataDamagedException(path, position, next, "the header is not where a snapshot begins");
            if (content.Batch.LastOffset < next)
                throw new MetadataDamagedException(path, position, next, "the offsets do not ascend");

            records.AddRange(content.Batch.Records);
            (voters, lastTimestamp) = (content.Voters, Math.Max(lastTimestamp, content.Batch.Timestamp));
            complete = content.Control.Contains(ControlRecordType.SnapshotFooter);
            (position, next) = (position + bytes.Length, content.Batch.LastOffset + 1);
        }

        return complete
            ? (records, voters, lastTimestamp)
            : throw new MetadataDamagedException(path, position, next, "the snapshot has no footer");
    }

    private static BatchContent ReadContent(string path, long position, long next, byte[] bytes, VoterSet voters)
    {
        try
        {
            return BatchContent.Read(bytes, voters);
        }
        catch (MalformedFrameException malformed)
        {
            throw new MetadataDamagedException(path, position, next, malformed.Message);
        }
    }

    private sealed class Writer(DiskFile file, LeaderEpoch epoch) : IDisposable
    {
        private long _position;
        private long _next;

        public BatchBuilder Builder { get; } = new();

        public void Flush(bool isControl)
        {
            if (Builder.Count == 0)
                return;
            var bytes = Builder.Build(new BatchOptions
            {
                BaseOffset = new Offset(_next),
                LeaderEpoch = epoch,
                IsControl = isControl,
            });
            file.Write(_position, bytes.Span);
            (_position, _next) = (_position + bytes.Length, _next + Builder.Count);
            Builder.Clear();
        }

        public void Dispose() => Builder.Dispose();
    }
}

/// <summary>What a snapshot says.</summary>
/// <param name="Epoch">The epoch of the last record it stands for.</param>
/// <param name="LastTimestamp">When that record was appended, in ms since 1970; -1 for none.</param>
/// <param name="Records">The records that rebuild the state.</param>
public readonly record struct SnapshotContent(int Epoch, long LastTimestamp, IEnumerable<ITypedRecord> Records);
