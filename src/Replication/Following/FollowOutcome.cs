namespace Barnabas.Replication;

/// <summary>What came of an answer to a follower.</summary>
internal enum FollowOutcome
{
    /// <summary>The log is as the answer wants it.</summary>
    Taken,

    /// <summary>The partition is not where it was when it asked: the answer means nothing any more.</summary>
    Overtaken,

    /// <summary>What came cannot be appended; the partition is left alone for a while.</summary>
    Refused,

    /// <summary>The log begins too late or ends too early for the leader: its bounds have to be asked for.</summary>
    OutOfRange,
}
