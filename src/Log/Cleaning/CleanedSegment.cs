using System.Buffers;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What is left of segments that follow each other, in <c>.cleaned</c> files, until it takes their
/// place.</summary>
/// <remarks>Written by one thread at a time, off the log's lane; the lane alone puts it in the place of its
/// sources.</remarks>
internal sealed class CleanedSegment : IDisposable
{
    private readonly Host _host;
    private readonly Segment _segment;
    private readonly int _indexInterval;
    private readonly byte[] _buffer;
    private int _buffered;
    private int _written;

    /// <summary>An empty one, whose files are made.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="directory">The partition's directory.</param>
    /// <param name="sources">What it is to replace, by offset.</param>
    /// <param name="settings">The log's configs.</param>
    /// <param name="bufferBytes">So much is written at a time.</param>
    public CleanedSegment(
        Host host, string directory, IReadOnlyList<SegmentView> sources, LogSettings settings, int bufferBytes)
    {
        (_host, Directory, Sources, _indexInterval) = (host, directory, sources, settings.IndexIntervalBytes);
        var logger = host.Log.CreateLogger("Barnabas.Log");
        Discard(host.Disk, directory, BaseOffset);
        _segment = Segment.Create(host.Disk, logger, directory, BaseOffset, settings, 0, SegmentFiles.Cleaned);
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bufferBytes, 1));
    }

    /// <summary>The partition's directory.</summary>
    public string Directory { get; }

    /// <summary>What it replaces.</summary>
    public IReadOnlyList<SegmentView> Sources { get; }

    /// <summary>The base offset in its name: that of the first source.</summary>
    public Offset BaseOffset => Sources[0].BaseOffset;

    /// <summary>The bytes of its batches.</summary>
    public int Size => _segment.Size;

    /// <summary>The bytes of batches that it replaces.</summary>
    public long SourceBytes => Sources.Sum(static source => (long)source.Size);

    /// <summary>Adds a batch.</summary>
    /// <exception cref="IOException">The disk refused, or a segment cannot be so large.</exception>
    public void Add(ReadOnlySpan<byte> batch, Offset lastOffset, long maxTimestamp)
    {
        if (batch.Length > int.MaxValue - Size)
            throw new IOException($"{_segment.Log.Path} would be larger than a segment can be");
        _segment.Add(batch.Length, lastOffset, maxTimestamp, _indexInterval);
        if (batch.Length > _buffer.Length - _buffered)
            WriteOut();
        if (batch.Length > _buffer.Length)
        {
            _segment.Log.Write(_written, batch);
            _written += batch.Length;
            return;
        }

        batch.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += batch.Length;
    }

    /// <summary>Adds an aborted transaction whose marker was added.</summary>
    public void Add(AbortedTransaction aborted) => _segment.Aborted.Append(aborted);

    /// <summary>Puts all of it on disk: it may take the place of its sources.</summary>
    public void Complete()
    {
        WriteOut();
        _segment.Finish();
        if (_host.Has(PlantedBug.SwapNotSynced))
            return;
        _segment.Log.Sync();
        _segment.Offsets.File.Sync();
        _segment.Times.File.Sync();
        _segment.Aborted.File?.Sync();
    }

    /// <summary>Gives its files other names: their kinds and <paramref name="to"/> in the place of
    /// <paramref name="from"/>. The batches come first: whoever finds some of the files renamed knows whether the rest
    /// goes on or goes back.</summary>
    public void Rename(string from, string to)
    {
        foreach (var kind in SegmentFiles.SegmentKinds)
        {
            var path = SegmentFiles.In(Directory, BaseOffset, kind);
            if (_host.Disk.FileExists(path + from))
                _host.Disk.Rename(path + from, path + to);
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _segment.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    /// <summary>Removes what there is of a cleaned segment that came to nothing.</summary>
    public static void Discard(IDisk disk, string directory, Offset baseOffset)
    {
        foreach (var kind in SegmentFiles.SegmentKinds)
            disk.DeleteFile(SegmentFiles.In(directory, baseOffset, kind + SegmentFiles.Cleaned));
    }

    private void WriteOut()
    {
        if (_buffered == 0)
            return;
        _segment.Log.Write(_written, _buffer.AsSpan(0, _buffered));
        _written += _buffered;
        _buffered = 0;
    }
}
