using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    /// <summary>Wishes for partitions that are not here; more than anybody means.</summary>
    private const int MostWishes = 10_000;

    private readonly Dictionary<Partition, ReplicaMove> _moves = [];
    private readonly Dictionary<TopicPartition, LogDirectory> _wishes = [];
    private readonly HashSet<LogDirectory> _unclean = [];
    private readonly ReplicaMover _mover;

    /// <summary>Moves the log of a partition to another directory (KIP-113). It answers when the copy is begun; who
    /// asks for the directory the log is in ends a move under way. From any lane.</summary>
    /// <param name="name">The partition.</param>
    /// <param name="partition">Its replica here; null where there is none: should it come, it comes there.</param>
    /// <param name="path">The directory, by its absolute path.</param>
    /// <returns>None; INVALID_TOPIC_EXCEPTION where the topic's name leaves no room for the copy's; LOG_DIR_NOT_FOUND;
    /// KAFKA_STORAGE_ERROR; REPLICA_NOT_AVAILABLE.</returns>
    public Task<ErrorCode> MoveAsync(TopicPartition name, Partition? partition, string path)
    {
        if (!LogDirectory.CanHoldCopyOf(name))
            return Task.FromResult(ErrorCode.InvalidTopicException);
        if (_directories.Failed.Contains(path))
            return Task.FromResult(ErrorCode.KafkaStorageError);
        if (_directories.All.FirstOrDefault(d => d.AbsolutePath == path) is not { } directory)
            return Task.FromResult(ErrorCode.LogDirNotFound);
        if (directory.IsOffline)
            return Task.FromResult(ErrorCode.KafkaStorageError);
        var begun = new TaskCompletionSource<ErrorCode>();
        Enqueue(async () => begun.SetResult(await BeginMoveAsync(name, partition, directory)));
        return begun.Task;
    }

    /// <summary>Tells the cluster that a replica is about to be in the directory it moves to.</summary>
    internal async Task<bool> AssignAsync(ReplicaMove move)
    {
        if (AssignDirectories is null || move.Target.Meta.DirectoryId is not { } directory)
            return true;
        var view = move.Partition.View;
        return await AssignDirectories([new(view.TopicId, view.Name.Partition, directory)]) == ErrorCode.None;
    }

    /// <summary>Puts a copy in the place of the log it was made of, in turn with all else that changes here.</summary>
    /// <returns>False where it did not come to that.</returns>
    internal Task<bool> ReplaceAsync(ReplicaMove move)
    {
        var replaced = new TaskCompletionSource<bool>();
        Enqueue(async () => replaced.SetResult(await TryReplaceAsync(move)));
        return replaced.Task;
    }

    /// <summary>The target's disk refused. From any lane.</summary>
    internal void OnMoveFailed(ReplicaMove move, IOException fault) => Enqueue(async () =>
    {
        await AbandonAsync(move);
        FailDirectory(move.Target, fault);
    });

    /// <summary>The move cannot be completed. From any lane.</summary>
    internal void GiveUp(ReplicaMove move) => Enqueue(() => CancelAsync(move));

    private async Task<ErrorCode> BeginMoveAsync(TopicPartition name, Partition? partition, LogDirectory directory)
    {
        if (partition is null)
        {
            if (_wishes.Count < MostWishes || _wishes.ContainsKey(name))
                _wishes[name] = directory;
            return ErrorCode.ReplicaNotAvailable;
        }

        if (!_homes.TryGetValue(partition, out var home) || partition.View.Log is null)
            return ErrorCode.KafkaStorageError;
        if (_moves.TryGetValue(partition, out var other))
        {
            if (other.Target == directory)
                return ErrorCode.None;
            await CancelAsync(other);
        }

        if (home == directory)
            return ErrorCode.None;
        var move = new ReplicaMove(_host, partition, directory, Settings(_state, name.Topic));
        try
        {
            await _mover.OpenAsync(move);
        }
        catch (IOException fault)
        {
            SayNotBegun(_log, name, directory.Path, fault);
            if (fault is not DiskFullException)
                FailDirectory(directory, fault);
            return ErrorCode.KafkaStorageError;
        }

        _moves.Add(partition, move);
        // What is copied must not change under the copy. It is compacted again where it goes.
        await _compactor.StopAsync(partition);
        SayMoving(_log, name, home.Path, directory.Path);
        _mover.Begin(move);
        return ErrorCode.None;
    }

    private async Task<bool> TryReplaceAsync(ReplicaMove move)
    {
        var partition = move.Partition;
        if (move.IsOver || !_moves.ContainsKey(partition) || !_homes.TryGetValue(partition, out var home))
            return false;
        var old = await partition.ReplaceLogAsync((log, high) => _mover.CompleteAsync(move, log, high));
        if (move.Fault is { } fault)
        {
            _moves.Remove(partition);
            FailDirectory(move.Target, fault);
        }

        if (old is null)
            return false;
        _moves.Remove(partition);
        _homes[partition] = move.Target;
        _directories.Left(home);
        _directories.Joined(move.Target);
        try
        {
            await old.CloseAsync(clean: false);
            await _host.Lanes.RunBlockingAsync(() =>
            {
                move.Target.SetCleaned(old.Partition, home.CleanedOf(old.Partition));
                return true;
            });
            await DeleteAsync(home, old);
        }
        catch (IOException failed)
        {
            FailDirectory(home, failed);
        }

        return true;
    }

    /// <summary>Ends a move and drops what was copied.</summary>
    private async Task CancelAsync(ReplicaMove move)
    {
        _moves.Remove(move.Partition);
        try
        {
            if (await _mover.EndAsync(move, clean: false) is { } copy)
                await _host.Lanes.RunBlockingAsync(() => Drop(move.Target, copy));
        }
        catch (IOException fault)
        {
            FailDirectory(move.Target, fault);
        }
    }

    /// <summary>Ends a move whose directory, or whose log's, has failed.</summary>
    private async Task AbandonAsync(ReplicaMove move)
    {
        _moves.Remove(move.Partition);
        await _mover.EndAsync(move, clean: false);
    }

    /// <summary>Closes all copies, for the next start to go on with.</summary>
    private async Task CloseMovesAsync()
    {
        foreach (var move in _moves.Values.ToList())
        {
            try
            {
                await _mover.EndAsync(move, clean: true);
            }
            catch (IOException fault)
            {
                SayUnclean(_log, move.Partition.View.Name, fault);
                _unclean.Add(move.Target);
            }
        }

        _moves.Clear();
    }

    /// <summary>Takes up the moves that an earlier run has left; they begin with the upkeep.</summary>
    private void ResumeMoves(ClusterState state)
    {
        foreach (var directory in _directories.Online.ToList())
        {
            try
            {
                foreach (var name in directory.UnfinishedCopies)
                    ResumeMove(state, directory, name);
            }
            catch (IOException fault)
            {
                FailDirectory(directory, fault);
            }
        }
    }

    private void ResumeMove(ClusterState state, LogDirectory directory, TopicPartition name)
    {
        if (!state.Topics.TryGetValue(name.Topic, out var topic) || !topic.Partitions.ContainsKey(name.Partition))
        {
            if (directory.SetUnfinishedCopyAside(name) is { } path)
                SayStray(_log, name, path);
            return;
        }

        // Where the log itself is not to be had, the copy may be all there is.
        if (Find(topic.Id, name.Partition) is not { } partition || !_homes.TryGetValue(partition, out var home))
            return;
        if (home == directory || _moves.ContainsKey(partition))
            directory.DropUnfinishedCopy(name);
        else
            _moves.Add(partition, new ReplicaMove(_host, partition, directory, Settings(state, name.Topic)));
    }

    private MoveLimits LimitsOfMoves()
    {
        var config = _configs.Broker(_state.Configs);
        return new(
            config.MoveThreads ?? _directories.All.Count,
            new QuotaTerms(config.MoveBytesPerSecond, config.MoveQuotaWindows, config.MoveQuotaWindow));
    }

    private static bool Drop(LogDirectory directory, PartitionLog copy)
    {
        directory.DropCopy(copy);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Moving {Partition} from {From} to {To}")]
    private static partial void SayMoving(ILogger log, TopicPartition partition, string from, string to);

    [LoggerMessage(LogLevel.Error, "{Partition} cannot be moved to {Path}")]
    private static partial void SayNotBegun(ILogger log, TopicPartition partition, string path, IOException fault);
}
