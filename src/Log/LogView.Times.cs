using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class LogView
{
    /// <summary>The first record below <paramref name="upTo"/> whose timestamp is at least <paramref
    /// name="timestamp"/>
    /// ms; null when there is none.</summary>
    /// <remarks>Exact also within a compressed batch. Blocks on the disk.</remarks>
    /// <exception cref="IOException">The disk refused, or the bytes are damaged.</exception>
    public TimestampedOffset? FindByTimestamp(long timestamp, Offset upTo)
    {
        for (var i = SegmentOf(LogStart); i < SegmentCount; i++)
        {
            var segment = SegmentAt(i);
            if (!segment.File.TryRetain())
                continue;
            try
            {
                if (segment.LargestTimestamp() < timestamp)
                    continue;
                if (segment.FindByTimestamp(timestamp, LogStart) is { } found)
                    return found.Offset < upTo ? found : null;
            }
            finally
            {
                segment.File.Release();
            }
        }

        return null;
    }

    /// <summary>The first record with the largest timestamp (KIP-734); null where no record has one.</summary>
    /// <remarks>Blocks on the disk.</remarks>
    /// <exception cref="IOException">The disk refused, or the bytes are damaged.</exception>
    public TimestampedOffset? MaxTimestamp()
    {
        var (largest, at) = (-1L, -1);
        for (var i = SegmentOf(LogStart); i < SegmentCount; i++)
        {
            if (WithSegment(i, static segment => segment.LargestTimestamp()) is { } timestamp && timestamp > largest)
                (largest, at) = (timestamp, i);
        }

        var start = LogStart;
        return at < 0 ? null : WithSegment(at, segment => segment.FindByTimestamp(largest, start)) ?? null;
    }

    /// <summary>What <paramref name="ask"/> says of a segment; null when the segment is gone.</summary>
    private T? WithSegment<T>(int index, Func<SegmentView, T> ask)
    {
        var segment = SegmentAt(index);
        if (!segment.File.TryRetain())
            return default;
        try
        {
            return ask(segment);
        }
        finally
        {
            segment.File.Release();
        }
    }
}
