using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Transactions whose marker is in the log and not yet below the high watermark: until it is, whoever reads
/// committed records may not see theirs. Owned by the log's lane.</summary>
/// <remarks>In order of the markers. One that ended before another and began after it never decides anything and is
/// left out: so beginnings ascend as well, and the first is the smallest.</remarks>
internal sealed class EndedTransactions
{
    private readonly List<(Offset Start, Offset Marker)> _ended = [];
    private int _first;

    /// <summary>A transaction has ended; markers come in order.</summary>
    public void Add(Offset start, Offset marker)
    {
        while (_ended.Count > _first && _ended[^1].Start >= start)
            _ended.RemoveAt(_ended.Count - 1);
        _ended.Add((start, marker));
    }

    /// <summary>Where the oldest began whose marker is not below <paramref name="highWatermark"/>; null for none. The
    /// watermark does not go down from call to call.</summary>
    public Offset? FirstAbove(Offset highWatermark)
    {
        while (_first < _ended.Count && _ended[_first].Marker < highWatermark)
            _first++;
        if (_first > _ended.Count / 2)
        {
            _ended.RemoveRange(0, _first);
            _first = 0;
        }

        return _ended.Count == 0 ? null : _ended[_first].Start;
    }

    /// <summary>Forgets those whose markers are not below <paramref name="end"/>. What they hid is hidden by their
    /// transactions, which are open again.</summary>
    public void CutAt(Offset end)
    {
        while (_ended.Count > _first && _ended[^1].Marker >= end)
            _ended.RemoveAt(_ended.Count - 1);
    }
}
