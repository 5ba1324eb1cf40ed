using Barnabas.Base;
using Barnabas.Cluster;

namespace Barnabas.Groups.Consumer;

/// <summary>Who may commit and fetch the offsets of a consumer group (KIP-848).</summary>
public static class ConsumerOffsets
{
    // The first OffsetCommit whose answer knows STALE_MEMBER_EPOCH.
    private const short FirstCommitOfMembers = 9;

    /// <summary>Checks a commit.</summary>
    /// <param name="group">The group.</param>
    /// <param name="memberId">Who commits; empty for who is no member.</param>
    /// <param name="epoch">The epoch, or a classic member's generation; negative for who is no member.</param>
    /// <param name="version">The version of the request.</param>
    /// <param name="isTransactional">True for offsets that are part of a transaction.</param>
    /// <returns>None; UNKNOWN_MEMBER_ID; UNSUPPORTED_VERSION; STALE_MEMBER_EPOCH, or ILLEGAL_GENERATION for a classic
    /// member.</returns>
    public static ApiError CheckCommit(
        ConsumerGroup group, string memberId, int epoch, short version, bool isTransactional)
    {
        // Tools and consumers that choose their partitions themselves may commit where nobody else does.
        if (epoch < 0 && group.IsEmpty)
            return ApiError.None;
        if (group.Find(memberId) is not { } member)
            return MemberFaults.Unknown(group.Id, memberId);
        if (!isTransactional && member.Classic is null && version < FirstCommitOfMembers)
        {
            return new(
                ErrorCode.UnsupportedVersion,
                "OffsetCommit version 9 or above must be used by members using the modern group protocol");
        }

        return CheckEpoch(member, epoch);
    }

    /// <summary>Checks a fetch.</summary>
    /// <param name="group">The group.</param>
    /// <param name="memberId">Who fetches; null for who is no member.</param>
    /// <param name="epoch">The epoch; negative for who is no member.</param>
    /// <returns>None; UNKNOWN_MEMBER_ID; STALE_MEMBER_EPOCH, or ILLEGAL_GENERATION for a classic member.</returns>
    public static ApiError CheckFetch(ConsumerGroup group, string? memberId, int epoch)
    {
        if (memberId is null && epoch < 0)
            return ApiError.None;
        return group.Find(memberId ?? "") is { } member
            ? CheckEpoch(member, epoch)
            : MemberFaults.Unknown(group.Id, memberId ?? "");
    }

    private static ApiError CheckEpoch(ConsumerMember member, int epoch)
    {
        if (epoch == member.Epoch)
            return ApiError.None;
        return member.Classic is null
            ? new(
                ErrorCode.StaleMemberEpoch,
                $"The received member epoch {epoch} does not match the expected member epoch {member.Epoch}.")
            : new(
                ErrorCode.IllegalGeneration,
                $"The received generation id {epoch} does not match the expected member epoch {member.Epoch}.");
    }
}
