using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    private int _partitionEpoch = -1;

    /// <summary>Takes over what the cluster decided about the partition; a decision older than what is known here is
    /// passed over. A leader of a single replica is done when its high watermark stands at the end of its log: until
    /// then clients would find less than they were told of.</summary>
    internal Task AssignAsync(PartitionState state) => _lane.RunAsync(async () =>
    {
        if (_view.Role == PartitionRole.Offline || state.LeaderEpoch < _view.LeaderEpoch
            || state.PartitionEpoch < _partitionEpoch)
        {
            return;
        }

        var role = state.Leader == _context.Terms.Self ? PartitionRole.Leader : PartitionRole.Follower;
        var isNewEpoch = state.LeaderEpoch > _view.LeaderEpoch;
        var (was, isNews) = (_view.Role, state.PartitionEpoch > _partitionEpoch);
        _partitionEpoch = state.PartitionEpoch;
        Volatile.Write(ref _view, _view with
        {
            Role = role,
            Leader = state.Leader,
            LeaderEpoch = state.LeaderEpoch,
            Replicas = state.Replicas,
            Isr = state.Isr,
            EpochStart = role == PartitionRole.Leader ? _view.EpochStart : Offset.None,
        });
        if (role == PartitionRole.Follower)
            Follow(isNewEpoch || was == PartitionRole.Leader);
        else if (isNewEpoch || _leading is null)
            await LeadAsync(state);
        else if (isNews)
            Renew(state);
        WakeAll();
    });

    private async Task LeadAsync(PartitionState state)
    {
        if (_log is not { } log)
            return;
        try
        {
            var start = log.View.End;
            log.AssignEpoch(state.LeaderEpoch);
            _leading = new LeaderState(state, start, _context.Terms, Now);
            Volatile.Write(ref _view, _view with { EpochStart = start });
            if (_view.SyncsFirst)
                await log.FlushAsync();
            if (_log != log)
                return;
            Publish();
            Commit();
        }
        catch (IOException fault)
        {
            Fail(fault);
        }
    }

    private void Renew(PartitionState state)
    {
        _leading?.Renew(state.Replicas, state.Isr, state.PartitionEpoch, Now);
        Commit();
    }

    private void Follow(bool isNewLeader)
    {
        _leading = null;
        FailUnacknowledged(ErrorCode.NotLeaderOrFollower);
        if (!isNewLeader)
            return;
        _isLevel = false;
        Change(CutForNewLeader);
    }

    // Whoever has epochs is told by the leader where the logs part (KIP-101). A log from before there were epochs is
    // known to agree up to the watermark and no further.
    private void CutForNewLeader(PartitionLog log)
    {
        if (log.View.Epochs.Latest == LeaderEpoch.None || _host.Has(PlantedBug.CutAtOwnWatermark))
            log.TruncateTo(_view.HighWatermark);
    }

    /// <summary>Does something to the log, whose faults are the partition's; false where that failed, or there is no
    /// log.</summary>
    private bool Change(Action<PartitionLog> change)
    {
        if (_log is not { Failed: false } log)
            return false;
        try
        {
            change(log);
            Publish();
            return true;
        }
        catch (DiskFullException) when (!log.Failed)
        {
            Publish();
            return false;
        }
        catch (IOException fault)
        {
            Fail(fault);
            return false;
        }
    }
}
