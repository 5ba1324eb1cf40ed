namespace Barnabas.Log;

/// <summary>A segment that has ended and is not synced whole yet. One that is taken up and ended again is
/// another.</summary>
internal sealed class EndedSegment(Segment segment)
{
    /// <summary>The segment.</summary>
    public Segment Segment => segment;
}
