namespace Barnabas.Journal;

/// <summary>Told what happens to a journal, on its lane.</summary>
/// <typeparam name="TRecord">What the journal lists.</typeparam>
public interface IJournalFollower<TRecord>
{
    /// <summary>All that came before is replaced by a snapshot: at the start, or when a follower fell far
    /// behind.</summary>
    /// <param name="snapshot">The records that rebuild the state, and what they stand for.</param>
    void OnSnapshot(Committed<TRecord> snapshot);

    /// <summary>Records are there for good. A commit ends with the last record of an append, never within
    /// one.</summary>
    /// <param name="batch">What was committed; without records where the journal wrote control records of its
    /// own.</param>
    void OnCommitted(Committed<TRecord> batch);

    /// <summary>A new epoch began, or the old one ended.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="leads">True when this node writes in it. Then all records of earlier epochs were committed and
    /// given before; all that were appended and not committed are lost.</param>
    void OnEpoch(int epoch, bool leads);
}
