namespace Barnabas.Log;

/// <summary>Which segments are compacted into one.</summary>
internal static class SegmentGroups
{
    /// <summary>Groups segments that follow each other, as many as would fit one if nothing of them went.</summary>
    public static List<List<SegmentView>> Of(IEnumerable<SegmentView> segments, LogSettings settings)
    {
        var groups = new List<List<SegmentView>>();
        var (bytes, offsets, times) = (0L, 0L, 0L);
        foreach (var segment in segments)
        {
            bytes += segment.Size;
            offsets += (long)segment.Offsets.Count * OffsetEntry.Size;
            times += (long)segment.Times.Count * TimeEntry.Size;
            var isFull = groups.Count == 0 || bytes > settings.SegmentBytes || offsets > settings.SegmentIndexBytes
                || times > settings.SegmentIndexBytes
                || segment.End - groups[^1][0].BaseOffset - 1 > int.MaxValue;
            if (isFull)
            {
                groups.Add([]);
                (bytes, offsets, times) = (segment.Size, (long)segment.Offsets.Count * OffsetEntry.Size,
                    (long)segment.Times.Count * TimeEntry.Size);
            }

            groups[^1].Add(segment);
        }

        return groups;
    }
}
