using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Tests.Unit.Journal;

/// <summary>A journal over a list that outlives it: what is appended is committed as soon as its lane comes to
/// it.</summary>
/// <param name="lane">Its lane.</param>
/// <param name="epoch">The epoch in which this node leads.</param>
/// <param name="kept">What was committed before, and what will be.</param>
internal sealed class ListJournal<T>(Lane lane, int epoch, List<T> kept) : IJournal<T>
{
    private IJournalFollower<T>? _follower;
    private long _next = kept.Count;

    public long NextOffset => _next;

    public void Follow(IJournalFollower<T> follower)
    {
        _follower = follower;
        if (kept.Count > 0)
            follower.OnCommitted(new(kept.Count - 1, epoch, 0, [.. kept]));
        follower.OnEpoch(epoch, leads: true);
    }

    public long Append(int epoch, IReadOnlyList<T> records)
    {
        _next += records.Count;
        lane.Post(() =>
        {
            kept.AddRange(records);
            _follower!.OnCommitted(new(kept.Count - 1, epoch, 0, records));
        });
        return _next - 1;
    }
}
