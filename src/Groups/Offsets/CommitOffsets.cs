using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;

namespace Barnabas.Groups.Offsets;

/// <summary>Stores where a group stands: for one of its members, or for whoever manages the partitions itself (KIP-211,
/// KIP-320, KIP-345).</summary>
public static class CommitOffsets
{
    private const int FirstVersionThatKnowsGroupIdNotFound = 9;

    /// <summary>Decides on the whole commit; partitions whose note is too long are the caller's to leave out.</summary>
    /// <returns>None; or why nothing is stored: GROUP_ID_NOT_FOUND, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID,
    /// FENCED_INSTANCE_ID, REBALANCE_IN_PROGRESS; of a consumer group also STALE_MEMBER_EPOCH,
    /// UNSUPPORTED_VERSION.</returns>
    public static Decision<ErrorCode, GroupRecord> Decide(GroupsState state, CommitCommand command)
    {
        var group = state.Find(command.GroupId);
        var error = Check(group, command);
        if (error != ErrorCode.None)
            return error;
        return new(
            ErrorCode.None,
            [.. command.Offsets.Select(offset => offset.Value.ToRecord(command.GroupId, offset.Key))],
            SignsOfLife(group, command));
    }

    private static ErrorCode Check(Group? group, CommitCommand command)
    {
        if (group is null)
        {
            if (command.Generation < 0)
                return ErrorCode.None;
            return command.Version >= FirstVersionThatKnowsGroupIdNotFound
                ? ErrorCode.GroupIdNotFound
                : ErrorCode.IllegalGeneration;
        }

        return group.Membership switch
        {
            null => CheckClassic(new ClassicGroup(), command),
            ClassicGroup classic => CheckClassic(classic, command),
            ConsumerGroup consumer => ConsumerOffsets.CheckCommit(
                consumer, command.MemberId, command.Generation, command.Version, isTransactional: false).Code,
            _ => ErrorCode.UnknownMemberId,
        };
    }

    private static ErrorCode CheckClassic(ClassicGroup group, CommitCommand command)
    {
        var isEmpty = group.State == ClassicState.Empty;
        if (command.Generation < 0 && isEmpty)
            return ErrorCode.None;
        if (command.Generation < 0 && command.MemberId.Length == 0 && command.InstanceId is null)
            return ErrorCode.UnknownMemberId;
        var error = group.Check(command.MemberId, command.InstanceId);
        if (error != ErrorCode.None)
            return error;
        if (command.Generation != group.Generation)
            return ErrorCode.IllegalGeneration;
        // It has the generation from its join: it shall take its share first.
        return group.State == ClassicState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private static List<Effect> SignsOfLife(Group? group, CommitCommand command) =>
        group?.Membership is ClassicGroup { State: ClassicState.Stable or ClassicState.PreparingRebalance } classic
            && classic.Find(command.MemberId) is { } member
            ? [Classic.Heartbeat.Alive(command.GroupId, member)]
            : [];
}

/// <summary>What is to be stored, and by whom.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member; empty for nobody's.</param>
/// <param name="InstanceId">A static member's lasting name; null for others.</param>
/// <param name="Generation">The generation the member believes to be in; negative for nobody's.</param>
/// <param name="Version">The version of the request: which errors it knows.</param>
/// <param name="Offsets">The offsets; may be empty.</param>
public sealed record CommitCommand(
    string GroupId, string MemberId, string? InstanceId, int Generation, short Version,
    IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> Offsets);
