using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    /// <summary>Says whether a producer's coordinator has to be asked before a transactional batch of it is appended:
    /// see <see cref="PartitionLog.BeginVerification"/>. From any lane.</summary>
    /// <returns>The guard; or NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR.</returns>
    public Task<(ErrorCode Error, VerificationGuard Guard)> BeginVerificationAsync(
        ProducerId id, short epoch, int? sequence, bool bumpsEpoch) => _lane.RunAsync(() => Ask(
            static error => (error, VerificationGuard.None),
            log => (ErrorCode.None, log.BeginVerification(id, epoch, sequence, bumpsEpoch))));

    /// <summary>Says whether a producer may write in a transaction now: see
    /// <see cref="PartitionLog.CheckTransactional"/>. From any lane.</summary>
    public Task<ErrorCode> CheckTransactionalAsync(ProducerId id, short epoch, VerificationGuard guard) =>
        _lane.RunAsync(() => Ask(static error => error, log => log.CheckTransactional(id, epoch, guard)));

    /// <summary>Says whether a marker may be written now: see <see cref="PartitionLog.CheckMarker"/>. From any
    /// lane.</summary>
    public Task<(ErrorCode Error, bool IsThere)> CheckMarkerAsync(
        ProducerId id, short epoch, int coordinatorEpoch, short transactionVersion) => _lane.RunAsync(() => Ask(
            static error => (error, false),
            log => log.CheckMarker(id, epoch, coordinatorEpoch, transactionVersion)));

    private T Ask<T>(Func<ErrorCode, T> refuse, Func<PartitionLog, T> ask)
    {
        var error = _view.CheckLeader(LeaderEpoch.None);
        return error == ErrorCode.None && _log is { } log ? ask(log) : refuse(error);
    }
}
