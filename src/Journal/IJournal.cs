namespace Barnabas.Journal;

/// <summary>An ordered, durable, fenced list of records with at most one writer an epoch.</summary>
/// <remarks>One node alone, a KRaft quorum, a ZooKeeper ensemble or a hosted partition can each be one. It lives on the
/// lane of its follower: every member is called there, and so is the follower.</remarks>
/// <typeparam name="TRecord">What it lists.</typeparam>
public interface IJournal<TRecord>
{
    /// <summary>The offset the next record gets while this node leads. Offsets ascend; control records of the journal's
    /// own may take some.</summary>
    long NextOffset { get; }

    /// <summary>Gives <paramref name="follower"/> what is there, then what comes, and who leads, all in one
    /// order.</summary>
    void Follow(IJournalFollower<TRecord> follower);

    /// <summary>Gives the records the next places, all or none. They are committed when the follower is told
    /// so.</summary>
    /// <param name="epoch">The epoch in which this node leads; records for an epoch that is over are dropped, and the
    /// follower hears of its end.</param>
    /// <param name="records">At least one record. A journal may know records that it does not keep, and that take no
    /// place: they last as long as the epoch.</param>
    /// <returns>The offset of the last record that took a place, in this append or before it.</returns>
    /// <exception cref="IOException">The medium failed: the journal takes no record any more.</exception>
    long Append(int epoch, IReadOnlyList<TRecord> records);
}
