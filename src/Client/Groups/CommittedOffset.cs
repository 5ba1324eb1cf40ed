using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>How far a group has come in a partition.</summary>
/// <param name="Offset">The next offset to read; -1 when none is stored.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record handled; -1 when unknown (KIP-320).</param>
/// <param name="Metadata">A note stored with it; empty for none.</param>
public readonly record struct CommittedOffset(Offset Offset, LeaderEpoch LeaderEpoch, string Metadata)
{
    /// <summary>A position without a leader epoch or a note.</summary>
    public CommittedOffset(Offset offset)
        : this(offset, LeaderEpoch.None, "")
    {
    }
}

/// <summary>Who commits offsets.</summary>
/// <param name="MemberId">The member; empty for nobody.</param>
/// <param name="Generation">The group's generation or the member's epoch; -1 for nobody.</param>
/// <param name="InstanceId">A static member's lasting name; null for others.</param>
internal readonly record struct MemberIdentity(string MemberId, int Generation, string? InstanceId)
{
    /// <summary>Somebody who is no member.</summary>
    public static MemberIdentity None { get; } = new("", -1, null);
}
