using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Offsets;
using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Transactions;

namespace Barnabas.Server.Transactions;

/// <summary>What transactions write into <c>__consumer_offsets</c>: offsets of groups, and markers.</summary>
/// <remarks>Only the group coordinator's journals write there, which do not bear that the log refuses a batch. So the
/// log is asked first, and what a producer wants in a shard is done one after the other: what the log has said still
/// holds when the shard decides. From any lane.</remarks>
/// <param name="host">The machine.</param>
/// <param name="groups">The groups.</param>
public sealed class OffsetTransactions(Host host, GroupCoordinator groups)
{
    private readonly Lane _lane = host.Lanes.NewLane("offset transactions");
    private readonly Dictionary<(int Shard, ProducerId Producer), Task> _last = [];

    /// <summary>Stores offsets in a transaction.</summary>
    /// <param name="partition">The partition that keeps the group.</param>
    /// <param name="command">What is stored.</param>
    /// <param name="producer">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="guard">What shows that its coordinator was asked.</param>
    /// <returns>The errors of <see cref="CommitTransactionalOffsets"/>; INVALID_TXN_STATE; INVALID_PRODUCER_EPOCH;
    /// COORDINATOR_LOAD_IN_PROGRESS; NOT_COORDINATOR.</returns>
    public Task<ErrorCode> CommitAsync(
        Partition partition, CommitCommand command, ProducerId producer, short epoch, VerificationGuard guard) =>
        InTurnAsync((partition.View.Name.Partition, producer), async () =>
        {
            var error = await partition.CheckTransactionalAsync(producer, epoch, guard);
            if (error != ErrorCode.None)
                return error;
            return await groups.CommandAsync(
                command.GroupId,
                (state, _) => CommitTransactionalOffsets.Decide(state, command, producer, epoch),
                static refusal => refusal);
        });

    /// <summary>Writes a marker, and lets what the transaction stored count, or forgets it.</summary>
    /// <returns>None once it is committed; INVALID_PRODUCER_EPOCH; TRANSACTION_COORDINATOR_FENCED;
    /// NOT_LEADER_OR_FOLLOWER while the groups are not led here, or not loaded.</returns>
    public Task<ErrorCode> EndAsync(Partition partition, TransactionMarkerToWrite marker)
    {
        var (index, producer) = (partition.View.Name.Partition, new ProducerId(marker.ProducerId));
        return InTurnAsync((index, producer), async () =>
        {
            if (groups.Find(index) is not { } shard || shard.Check() != ErrorCode.None)
                return ErrorCode.NotLeaderOrFollower;
            var (error, isThere) = await partition.CheckMarkerAsync(
                producer, marker.ProducerEpoch, marker.CoordinatorEpoch, marker.TransactionVersion);
            if (error != ErrorCode.None)
                return error;
            var end = new TransactionEnded(
                producer, marker.ProducerEpoch, marker.CoordinatorEpoch, marker.IsCommit);
            // One that is there may not be committed yet: the answer waits for what was appended before.
            return await shard.CommandAsync<ErrorCode>(
                _ => new Decision<ErrorCode, GroupRecord>(ErrorCode.None, isThere ? [] : [end]),
                static _ => ErrorCode.NotLeaderOrFollower);
        });
    }

    private Task<ErrorCode> InTurnAsync((int Shard, ProducerId Producer) who, Func<Task<ErrorCode>> work) =>
        _lane.RunAsync(async () =>
        {
            var before = _last.GetValueOrDefault(who);
            // Plain: what awaits it is on this lane.
            var done = new TaskCompletionSource();
            _last[who] = done.Task;
            if (before is not null)
                await before;
            try
            {
                return await work();
            }
            finally
            {
                if (_last[who] == done.Task)
                    _last.Remove(who);
                done.SetResult();
            }
        });
}
