using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>A journal that others write: a broker hears of what the story's controller decided, at once or
/// later.</summary>
/// <param name="lane">Its lane.</param>
/// <param name="before">What was decided before the broker started.</param>
internal sealed class PushedJournal(Lane lane, IReadOnlyList<ITypedRecord> before) : IJournal<ITypedRecord>
{
    private readonly List<ITypedRecord> _held = [];
    private IJournalFollower<ITypedRecord>? _follower;
    private long _next = before.Count;
    private bool _isDeaf;

    public long NextOffset => _next;

    /// <summary>While true nothing is heard.</summary>
    public bool IsDeaf
    {
        get => _isDeaf;
        set
        {
            _isDeaf = value;
            if (!value)
                Push([]);
        }
    }

    public void Follow(IJournalFollower<ITypedRecord> follower)
    {
        _follower = follower;
        if (before.Count > 0)
            follower.OnCommitted(new(before.Count - 1, 1, 0, before));
        follower.OnEpoch(1, leads: false);
    }

    public void Push(IReadOnlyList<ITypedRecord> records)
    {
        _held.AddRange(records);
        if (_isDeaf || _held.Count == 0)
            return;
        var heard = _held.ToList();
        _held.Clear();
        lane.Post(() =>
        {
            _next += heard.Count;
            _follower!.OnCommitted(new(_next - 1, 1, 0, heard));
        });
    }

    public long Append(int epoch, IReadOnlyList<ITypedRecord> records) =>
        throw new IOException("this broker does not lead the metadata");
}
