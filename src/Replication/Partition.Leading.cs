using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    /// <summary>Before a proposal that came to nothing is made again.</summary>
    private static readonly TimeSpan ProposalPause = TimeSpan.FromMilliseconds(50);

    /// <summary>What is known of the followers; null where this node does not lead.</summary>
    private LeaderState? _leading;

    private bool IsUnderMinIsr => _leading?.IsUnder(_view.Config.MinInsyncReplicas) == true
        && !_host.Has(PlantedBug.MinIsrUnchecked);

    /// <summary>A follower has fetched, and thereby said how far it has got. From any lane.</summary>
    public void Note(FollowerFetch fetch) => _lane.Post(() =>
    {
        if (_leading is not { } leading || _log?.View is not { } log || !leading.Note(fetch, log.End, Now))
            return;
        if (leading.Grow(_view.TopicId, _view.Name.Partition, fetch.Replica, _view.HighWatermark) is { } grown)
            Propose(leading, grown);
        Advance();
        _lowWatchers?.WakeAll();
    });

    /// <summary>Of some followers the one in sync whose log has an offset and reaches furthest. From any
    /// lane.</summary>
    /// <returns>Null where none has it, or this node does not lead.</returns>
    public Task<BrokerId?> FurthestAsync(IReadOnlyList<BrokerId> among, Offset offset) =>
        _lane.RunAsync(() => _leading?.Furthest(among, offset));

    /// <summary>Sees to it that followers which have been behind for too long are in sync no longer.</summary>
    internal void CheckIsr() => _lane.Post(() =>
    {
        if (_leading is { } leading && _log?.View is { } log
            && leading.Shrink(_view.TopicId, _view.Name.Partition, log.End, Now) is { } shrunk)
        {
            Propose(leading, shrunk);
        }
    });

    /// <summary>Moves the high watermark to where everything is committed. It never goes back.</summary>
    private void Advance()
    {
        if (Committed() is not { } committed || committed <= _view.HighWatermark)
            return;
        MoveWatermark(committed);
        Acknowledge();
        _watchers?.WakeAll();
    }

    /// <summary>Up to where everything is committed; null where nothing can be said, or this node does not
    /// lead.</summary>
    private Offset? Committed()
    {
        if (_leading is not { } leading || _log?.View is not { } log)
            return null;
        var own = _view.SyncsFirst && !_host.Has(PlantedBug.WatermarkBeforeSync) ? log.FlushedOffset : log.End;
        return leading.Committed(own, log.End, _view.Config.MinInsyncReplicas, Now);
    }

    /// <summary>Shows readers another high watermark, and the log as it is.</summary>
    private void MoveWatermark(Offset to)
    {
        Volatile.Write(
            ref _view,
            _view with { Log = _log?.View, HighWatermark = to, FirstUnstable = FirstUnstable(to) });
        _context.Watermarks.Note();
    }

    private async void Propose(LeaderState leading, IsrProposal proposal)
    {
        leading.Pending = proposal;
        while (true)
        {
            var answer = await _context.Proposals.ProposeAsync(proposal);
            // The cluster has decided otherwise meanwhile.
            if (_leading != leading || leading.Pending != proposal)
                return;
            if (answer.Error == ErrorCode.None)
            {
                Adopt(leading, answer);
                return;
            }

            _context.Metrics.Replication.FailedIsrUpdates.Add();
            switch (answer.Error)
            {
                case ErrorCode.OperationNotAttempted or ErrorCode.IneligibleReplica:
                    // It has not come into force, and may be right later.
                    leading.Pending = null;
                    return;
                case ErrorCode.InvalidUpdateVersion or ErrorCode.FencedLeaderEpoch or ErrorCode.NewLeaderElected
                    or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId or ErrorCode.InvalidRequest:
                    // The controller knows more, or the proposal was heard before: its word is on its way.
                    return;
                default:
                    await Task.Delay(ProposalPause, _host.Time);
                    if (_leading != leading || leading.Pending != proposal)
                        return;
                    break;
            }
        }
    }

    private void Adopt(LeaderState leading, IsrAnswer answer)
    {
        if (answer.LeaderEpoch != leading.Epoch || answer.PartitionEpoch < leading.PartitionEpoch)
            return;
        Count(leading.Isr, answer.Isr);
        leading.Renew(leading.Replicas, answer.Isr, answer.PartitionEpoch, Now);
        _partitionEpoch = Math.Max(_partitionEpoch, answer.PartitionEpoch);
        Volatile.Write(ref _view, _view with { Isr = answer.Isr });
        // One fewer in sync may be one fewer to wait for.
        Advance();
    }

    private void Count(ImmutableArray<BrokerId> before, ImmutableArray<BrokerId> after)
    {
        if (after.Length > before.Length)
            _context.Metrics.Replication.IsrExpands.Add();
        else if (after.Length < before.Length)
            _context.Metrics.Replication.IsrShrinks.Add();
    }
}
