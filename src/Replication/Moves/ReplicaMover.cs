using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <summary>Works off the moves between log directories: a few at a time, together not faster than allowed, each until
/// the copy has taken the place of the log.</summary>
internal sealed partial class ReplicaMover
{
    private const int BytesBetweenFlushes = 64 << 20;
    private const int MostAttempts = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Host _host;
    private readonly Replicas _replicas;
    private readonly Func<MoveLimits> _limits;
    private readonly ReplicationQuota _quota;
    private readonly Lane _lane;
    private readonly ILogger _log;
    private readonly Queue<ReplicaMove> _waiting = new();
    private int _working;

    /// <summary>A mover with nothing to do.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="replicas">Whose partitions it moves.</param>
    /// <param name="limits">What may be done at a time, as it is configured now.</param>
    public ReplicaMover(Host host, Replicas replicas, Func<MoveLimits> limits)
    {
        (_host, _replicas, _limits) = (host, replicas, limits);
        _quota = new ReplicationQuota(host.Time, () => limits().Quota);
        _lane = host.Lanes.NewLane("moves");
        _log = host.Log.CreateLogger<Replicas>();
    }

    /// <summary>Opens the copy of a move that is about to begin. From any lane.</summary>
    /// <exception cref="IOException">The target's disk refused.</exception>
    public Task OpenAsync(ReplicaMove move) => _lane.RunAsync(move.OpenAsync);

    /// <summary>Works on a move from now on, or once others are done. From any lane.</summary>
    public void Begin(ReplicaMove move) => _lane.Post(() =>
    {
        _waiting.Enqueue(move);
        if (_working < _limits().AtATime)
            Work();
    });

    /// <summary>See <see cref="ReplicaMove.CompleteAsync"/>. From any lane.</summary>
    public Task<Log.PartitionLog?> CompleteAsync(ReplicaMove move, Log.LogHandover log, Offset highWatermark) =>
        _lane.RunAsync(() => move.CompleteAsync(log, highWatermark));

    /// <summary>Ends a move; see <see cref="ReplicaMove.CloseAsync"/>. From any lane.</summary>
    public Task<Log.PartitionLog?> EndAsync(ReplicaMove move, bool clean) =>
        _lane.RunAsync(() => move.CloseAsync(clean));

    private async void Work()
    {
        _working++;
        while (_waiting.TryDequeue(out var move))
            await MoveAsync(move);
        _working--;
    }

    private async Task MoveAsync(ReplicaMove move)
    {
        try
        {
            await move.OpenAsync();
            if (await CopyAsync(move))
                SayMoved(_log, move.Partition.View.Name, move.Target.Path);
        }
        catch (IOException fault)
        {
            _replicas.OnMoveFailed(move, fault);
        }
    }

    /// <summary>Copies until the copy is the log; false where the move came to nothing.</summary>
    private async Task<bool> CopyAsync(ReplicaMove move)
    {
        var (unflushed, attempts, isAssigned) = (0L, 0, false);
        while (!move.IsOver)
        {
            // As in Kafka where nothing may be copied, or too much was: it is looked at again in a while.
            if (_limits().Quota.Rate == 0 || _quota.IsExceeded)
            {
                await Task.Delay(Pause, _host.Time);
                continue;
            }

            if (await TryCopyAsync(move) is not { } copied)
            {
                if (++attempts >= MostAttempts && !move.IsOver)
                {
                    SayGivenUp(_log, move.Partition.View.Name, move.Target.Path, move.Obstacle);
                    _replicas.GiveUp(move);
                    return false;
                }

                await Task.Delay(Pause, _host.Time);
                continue;
            }

            attempts = 0;
            _quota.Took(copied.Bytes);
            unflushed += copied.Bytes;
            if (copied.IsLevel && isAssigned && await _replicas.ReplaceAsync(move))
                return true;
            if (unflushed < BytesBetweenFlushes && (!copied.IsLevel || isAssigned))
                continue;
            await move.FlushAsync();
            unflushed = 0;
            // The cluster hears of it before the log is there: else it might take the replica for lost with the
            // directory it has left (KIP-858).
            if (copied.IsLevel && !isAssigned && !(isAssigned = await _replicas.AssignAsync(move)))
                await Task.Delay(Pause, _host.Time);
        }

        return false;
    }

    private async Task<(int Bytes, bool IsLevel)?> TryCopyAsync(ReplicaMove move)
    {
        try
        {
            return await move.CopyAsync((int)Math.Clamp(_limits().Quota.Rate, 1, ReplicaMove.ChunkBytes));
        }
        catch (DiskFullException) when (!move.HasFailed)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Partition} has moved to {Path}")]
    private static partial void SayMoved(ILogger log, TopicPartition partition, string path);

    [LoggerMessage(LogLevel.Error, "{Partition} is not moved to {Path}: {Reason}")]
    private static partial void SayGivenUp(ILogger log, TopicPartition partition, string path, string? reason);
}

/// <summary>What moves between log directories may take.</summary>
/// <param name="AtATime">How many are worked on at a time: num.replica.alter.log.dirs.threads.</param>
/// <param name="Quota">Of all together: replica.alter.log.dirs.io.max.bytes.per.second, measured over
/// alter.log.dirs.replication.quota.window.num windows.</param>
internal readonly record struct MoveLimits(int AtATime, QuotaTerms Quota);
