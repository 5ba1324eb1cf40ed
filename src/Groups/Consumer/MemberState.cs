namespace Barnabas.Groups.Consumer;

/// <summary>How far a member has come on its way to the target assignment (KIP-848). The numbers are those of
/// records.</summary>
public enum MemberState
{
    /// <summary>It owns all that it shall.</summary>
    Stable = 0,

    /// <summary>It has been told to give up partitions and has not said that it did.</summary>
    UnrevokedPartitions = 1,

    /// <summary>It waits for partitions that others have not given up.</summary>
    UnreleasedPartitions = 2,

    /// <summary>Written by a version that knows more states.</summary>
    Unknown = 127,
}
