using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;

namespace Barnabas.Groups.Offsets;

/// <summary>Stores where a group stands, to count once a transaction is committed (KIP-98, KIP-447).</summary>
public static class CommitTransactionalOffsets
{
    /// <summary>Decides on the whole commit; that the transaction is open is the caller's to know.</summary>
    /// <param name="state">The groups.</param>
    /// <param name="command">What is to be stored, and by whom: a producer that does not say is not fenced.</param>
    /// <param name="producer">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <returns>None; ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.</returns>
    public static Decision<ErrorCode, GroupRecord> Decide(
        GroupsState state, CommitCommand command, ProducerId producer, short epoch)
    {
        var error = Check(state.Find(command.GroupId), command);
        if (error != ErrorCode.None)
            return error;
        return new(
            ErrorCode.None,
            [.. command.Offsets.Select(offset => new TransactionalRecord(
                producer, epoch, offset.Value.ToRecord(command.GroupId, offset.Key)))]);
    }

    private static ErrorCode Check(Group? group, CommitCommand command) => group?.Membership switch
    {
        null when group is null => command.Generation < 0 ? ErrorCode.None : ErrorCode.IllegalGeneration,
        null => CheckClassic(new ClassicGroup(), command),
        ClassicGroup classic => CheckClassic(classic, command),
        ConsumerGroup consumer => CheckConsumer(consumer, command),
        _ => ErrorCode.UnknownMemberId,
    };

    // Unlike a plain commit it is taken from outside of a group that has members, and in the middle of a rebalance:
    // the producers of before KIP-447 know nothing of the group.
    private static ErrorCode CheckClassic(ClassicGroup group, CommitCommand command)
    {
        if (command.Generation < 0 && group.State == ClassicState.Empty)
            return ErrorCode.None;
        if (IsNobodys(command))
            return ErrorCode.None;
        var error = group.Check(command.MemberId, command.InstanceId);
        if (error != ErrorCode.None)
            return error;
        return command.Generation == group.Generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    private static ErrorCode CheckConsumer(ConsumerGroup group, CommitCommand command)
    {
        if (IsNobodys(command))
            return ErrorCode.None;
        var error = ConsumerOffsets.CheckCommit(
            group, command.MemberId, command.Generation, command.Version, isTransactional: true).Code;
        // The answer has no name for a stale epoch.
        return error == ErrorCode.StaleMemberEpoch ? ErrorCode.IllegalGeneration : error;
    }

    private static bool IsNobodys(CommitCommand command) =>
        command.Generation < 0 && command.MemberId.Length == 0 && command.InstanceId is null;
}
