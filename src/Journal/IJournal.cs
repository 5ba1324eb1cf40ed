namespace Barnabas.Journal;

/// <summary>An ordered, replicated, fenced list of records with at most one writer an epoch.</summary>
/// <remarks>One node alone, a KRaft quorum, a ZooKeeper ensemble or a hosted partition can each be one.</remarks>
public interface IJournal<TRecord>
{
    /// <summary>Gives the records from the start on, and changes of leadership, to <paramref name="follower"/>,
    /// in one order, on the follower's lane.</summary>
    void Follow(IJournalFollower<TRecord> follower);

    /// <summary>Gives the records a place, all or none. They are committed when the follower is told so.</summary>
    /// <param name="epoch">The epoch in which this node leads.</param>
    /// <param name="records">At least one record.</param>
    /// <returns>The offset of the last record.</returns>
    /// <exception cref="NotLeaderException">This node does not lead in <paramref name="epoch"/>.</exception>
    long Append(int epoch, IReadOnlyList<TRecord> records);
}

/// <summary>Told what happens to a journal.</summary>
public interface IJournalFollower<TRecord>
{
    /// <summary>The records up to <paramref name="lastOffset"/> are there for good.</summary>
    void OnCommitted(long lastOffset, IReadOnlyList<TRecord> records);

    /// <summary>A new epoch began; <paramref name="leads"/> tells whether this node writes in it.</summary>
    void OnEpoch(int epoch, bool leads);
}

/// <summary>A state that is nothing but its records, applied in order.</summary>
public interface IReplayed<TSelf, in TRecord>
    where TSelf : IReplayed<TSelf, TRecord>
{
    /// <summary>The state before the first record.</summary>
    static abstract TSelf Empty { get; }

    /// <summary>The state after <paramref name="record"/>. Total: a committed record always applies.</summary>
    TSelf Apply(TRecord record);
}

/// <summary>What a command came to: the records to commit, and the answer to give once they are.</summary>
public readonly record struct Decision<TAnswer, TRecord>(TAnswer Answer, IReadOnlyList<TRecord> Records);

/// <summary>The node asked does not lead, or ceased to before the records were committed.</summary>
public sealed class NotLeaderException() : Exception("not the leader");
