using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Tests.Unit.Journal;

/// <summary>A journal in memory: the test says when records are committed, when an epoch ends, when the disk
/// fails.</summary>
/// <param name="epoch">The epoch in which this node begins to lead.</param>
internal sealed class MemoryJournal(int epoch = 1) : IJournal<string>
{
    private readonly List<IReadOnlyList<string>> _open = [];
    private IJournalFollower<string>? _follower;

    public List<string> Committed { get; } = [];

    public int Epoch { get; private set; } = epoch;

    /// <summary>True when loading takes until the test ends it.</summary>
    public bool LoadsByHand { get; init; }

    public bool IsFollowed => _follower is not null;

    public bool Fails { get; set; }

    public long NextOffset => Committed.Count + _open.Sum(append => append.Count);

    public void Follow(IJournalFollower<string> follower)
    {
        _follower = follower;
        if (!LoadsByHand)
            EndLoad();
    }

    /// <summary>What is there was given, and the node leads.</summary>
    public void EndLoad()
    {
        if (Committed.Count > 0)
            _follower!.OnSnapshot(new(Committed.Count - 1, Epoch, 0, [.. Committed]));
        _follower!.OnEpoch(Epoch, leads: true);
    }

    /// <summary>A part of what is there was given, and the rest cannot be read.</summary>
    public void CutLoadShort()
    {
        _follower!.OnCommitted(new(0, Epoch, 0, [.. Committed.Take(1)]));
        _follower.OnEpoch(Epoch, leads: false);
    }

    /// <summary>The medium refuses what is on its way; the epoch is over.</summary>
    public void Refuse()
    {
        _open.Clear();
        _follower!.OnEpoch(Epoch, leads: false);
    }

    public long Append(int epoch, IReadOnlyList<string> records)
    {
        if (Fails)
            throw new IOException("the disk is gone");
        Invariant.Holds(epoch == Epoch, "the epoch is the journal's");
        _open.Add(records);
        return NextOffset - 1;
    }

    public void Commit(int appends = int.MaxValue)
    {
        var records = _open.Take(appends).SelectMany(append => append).ToList();
        _open.RemoveRange(0, Math.Min(appends, _open.Count));
        if (records.Count == 0)
            return;
        Committed.AddRange(records);
        _follower!.OnCommitted(new(Committed.Count - 1, Epoch, 0, records));
    }

    /// <summary>The epoch ends; what is not committed is lost. Another leader may add records of its own.</summary>
    public void Lose(params string[] othersRecords)
    {
        _open.Clear();
        _follower!.OnEpoch(++Epoch, leads: false);
        if (othersRecords.Length == 0)
            return;
        Committed.AddRange(othersRecords);
        _follower.OnCommitted(new(Committed.Count - 1, Epoch, 0, othersRecords));
    }

    /// <summary>An epoch in which this node leads begins; what is not committed is lost.</summary>
    public void Lead()
    {
        _open.Clear();
        _follower!.OnEpoch(++Epoch, leads: true);
    }
}

/// <summary>The words so far.</summary>
internal sealed record Words(string Text) : IReplayed<Words, string>
{
    public static Words Empty { get; } = new("");

    public Words Apply(string record) => new(Text + record);

    public Words Apply(IReadOnlyList<string> records) => new(Text + string.Concat(records));
}
