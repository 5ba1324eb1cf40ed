using System.Globalization;
using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>Reads all segments of the metadata log before anything is changed, and tells damage from a write that was
/// cut short.</summary>
/// <remarks>A batch is written only after the one before it is synced, so a crash can spoil the last batch alone: one
/// that nobody was told of. A bad batch before a good one is damage to what was promised.</remarks>
/// <param name="disk">The disk.</param>
/// <param name="directory">The log's directory.</param>
/// <param name="from">Batches below were taken from a snapshot and are not needed.</param>
/// <param name="voters">The voters at <paramref name="from"/>.</param>
/// <param name="cleanShutdown">True when the last run closed the log: then nothing was cut short.</param>
internal sealed class MetadataLogScan(
    IDisk disk, string directory, long from, VoterSet voters, bool cleanShutdown)
{
    private const string Suffix = ".log";
    private const int DigitsOfName = 20;
    private readonly List<Committed<ITypedRecord>> _batches = [];
    private VoterSet _voters = voters;
    private long _bytes;
    private long _next;
    private int _lastEpoch;
    private TornWrite? _torn;

    /// <summary>Scans. Blocks.</summary>
    /// <exception cref="MetadataDamagedException">Bytes are damaged, or records are missing.</exception>
    public ScannedLog Run()
    {
        var segments = Segments();
        if (segments.Count == 0)
            return new ScannedLog { Voters = _voters };

        // Segments that end before the snapshot does are leftovers of a deletion: nothing in them is needed.
        var first = segments.FindLastIndex(segment => segment.Base <= from);
        first = Math.Max(first, 0);
        _next = segments[first].Base;
        for (var i = first; i < segments.Count; i++)
            Scan(segments[i].Path, segments[i].Base, isLast: i == segments.Count - 1);

        return new ScannedLog
        {
            Start = segments[first].Base,
            End = _next,
            LastEpoch = _lastEpoch,
            Batches = _batches,
            Bytes = _bytes,
            Voters = _voters,
            Torn = _torn,
        };
    }

    private List<(long Base, string Path)> Segments()
    {
        var segments = new List<(long, string)>();
        foreach (var entry in disk.List(directory))
        {
            if (entry.IsDirectory || !entry.Name.EndsWith(Suffix, StringComparison.Ordinal))
                continue;
            if (entry.Name.Length == DigitsOfName + Suffix.Length
                && long.TryParse(
                    entry.Name.AsSpan(0, DigitsOfName), NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            {
                segments.Add((at, Path.Combine(directory, entry.Name)));
            }
        }

        return segments;
    }

    private void Scan(string path, long baseOffset, bool isLast)
    {
        if (baseOffset != _next)
            throw new MetadataDamagedException(path, 0, _next, $"the segment begins at offset {baseOffset}");

        using var file = disk.Open(path, OpenMode.Read);
        // As with any log: after a sync that failed only the disk knows what it has.
        if (!cleanShutdown)
            file.ForgetCached(0);
        var batches = new BatchFile(file);
        for (var position = 0L; position < batches.Length;)
        {
            if (batches.TryRead(position, out var bytes, out var fault) && (fault = MisfitOf(bytes)) is null)
            {
                Take(path, position, bytes);
                position += bytes.Length;
                continue;
            }

            if (!isLast || cleanShutdown || batches.HasBatchAfter(position, _next))
                throw new MetadataDamagedException(path, position, _next, fault);
            _torn = new TornWrite(path, position, fault);
            return;
        }
    }

    // Neither the offset nor the epoch is covered by the checksum, so a write cut short may have spoilt them alone.
    private string? MisfitOf(byte[] bytes)
    {
        var header = new RecordBatch(bytes);
        if (header.BaseOffset.Value != _next)
            return $"the batch says offset {header.BaseOffset}";
        return header.LeaderEpoch.Value < _lastEpoch
            ? $"the batch says epoch {header.LeaderEpoch} after epoch {_lastEpoch}"
            : null;
    }

    private void Take(string path, long position, byte[] bytes)
    {
        var header = new RecordBatch(bytes);
        _next = header.NextOffset.Value;
        _lastEpoch = header.LeaderEpoch.Value;
        if (_next <= from)
            return;

        try
        {
            var content = BatchContent.Read(bytes, _voters);
            _voters = content.Voters;
            _batches.Add(content.Batch);
            _bytes += bytes.Length;
        }
        catch (MalformedFrameException malformed)
        {
            throw new MetadataDamagedException(path, position, header.BaseOffset.Value, malformed.Message);
        }
    }
}
