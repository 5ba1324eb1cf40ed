using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    private TimeSpan _jitter;
    private Task? _background;

    /// <summary>Ends the active segment and begins a new one; does nothing where it is empty.</summary>
    public void Roll()
    {
        ThrowIfFailed();
        if (Active.Size == 0)
            return;
        RollTo(_end);
        Publish();
    }

    /// <summary>Begins a segment at <paramref name="baseOffset"/>. A fault leaves the present one active.</summary>
    private void RollTo(Offset baseOffset)
    {
        _isAsClosed = false;
        var old = Active;
        old.Finish();
        _snapshots.Write(baseOffset, _producers);
        var next = CreateSegment(baseOffset);
        old.EndAt(baseOffset);
        old.Retire();
        NeedFullSync(old);
        AddSegment(next);
        PublishSegments();
        // What has ended is synced at once, off the lane; a fault there fails the log.
        _background = FlushAsync();
    }

    private void AddSegment(Segment segment)
    {
        _segments.Add(segment);
        _directoryDirty = true;
        var most = (int)Math.Min(Settings.SegmentJitter.TotalMilliseconds, int.MaxValue);
        _jitter = most > 0 ? TimeSpan.FromMilliseconds(_host.Random.Next(most)) : TimeSpan.Zero;
    }

    private Segment CreateSegment(Offset baseOffset)
    {
        var segment = Segment.Create(_host.Disk, _logger, _directory, baseOffset, Settings, NowMs);
        if (Settings.Preallocate)
            segment.Reserve(Settings);
        return segment;
    }
}
