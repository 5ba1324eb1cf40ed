using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    /// <summary>Deletes records of partitions led here up to an offset each, and comes back when the next start will
    /// know of it, and every replica that is alive has deleted them too. From any lane.</summary>
    /// <param name="asked">Partitions, and the first offset to keep of each; -1 for the high watermark.</param>
    /// <param name="patience">How long to wait for the other replicas; REQUEST_TIMED_OUT where that was not
    /// enough.</param>
    /// <returns>What came of each, in the same order.</returns>
    public async Task<Deletion[]> DeleteRecordsAsync(
        IReadOnlyList<(Partition Partition, Offset To)> asked, TimeSpan patience)
    {
        var deletions = await DeleteHereAsync(asked);
        var waiting = deletions.Select((here, i) => here.Error == ErrorCode.None
            ? asked[i].Partition.AwaitLowWatermarkAsync(Wanted(asked[i].To, here.LowWatermark), patience)
            : null).ToList();
        for (var i = 0; i < deletions.Length; i++)
        {
            if (waiting[i] is { } everywhere)
                deletions[i] = await everywhere;
        }

        return deletions;

        static Offset Wanted(Offset to, Offset here) => to == Offset.None ? here : to;
    }

    private Task<Deletion[]> DeleteHereAsync(IReadOnlyList<(Partition Partition, Offset To)> asked) =>
        _lane.RunAsync(async () =>
        {
            var deleting = asked.Select(a => a.Partition.DeleteToAsync(a.To)).ToList();
            var deletions = new Deletion[asked.Count];
            for (var i = 0; i < deletions.Length; i++)
                deletions[i] = await deleting[i];
            var done = Enumerable.Range(0, deletions.Length).Where(i => deletions[i].Error == ErrorCode.None);
            foreach (var home in done.GroupBy(i => _homes.GetValueOrDefault(asked[i].Partition)).ToList())
            {
                var starts = home.Select(i => (asked[i].Partition.View.Name, deletions[i].LowWatermark)).ToList();
                if (home.Key is { } directory && await RememberStartsAsync(directory, starts))
                    continue;
                foreach (var i in home)
                    deletions[i] = Deletion.Refused(ErrorCode.KafkaStorageError);
            }

            return deletions;
        });

    /// <summary>Where everything is: each log directory, and the logs in it. From any lane.</summary>
    public Task<IReadOnlyList<DirectoryContent>> DescribeDirectoriesAsync() => _lane.RunAsync(() =>
    {
        var logs = _homes.ToLookup(home => home.Value, home => HostedLog.Of(home.Key.View));
        var copies = _moves.Values.ToLookup(move => move.Target, move => HostedLog.Of(move));
        return (IReadOnlyList<DirectoryContent>)
        [
            .. _directories.All.Select(directory => new DirectoryContent(
                directory.AbsolutePath, directory,
                [.. logs[directory].Concat(copies[directory]).OfType<HostedLog>()])),
            .. _directories.Failed.Select(path => new DirectoryContent(path, null, [])),
        ];
    });

    private async Task<bool> RememberStartsAsync(
        LogDirectory directory, IReadOnlyList<(TopicPartition Partition, Offset Offset)> starts)
    {
        try
        {
            return await _host.Lanes.RunBlockingAsync(() =>
            {
                directory.WriteCheckpoints(null, starts, null);
                return true;
            });
        }
        catch (IOException fault)
        {
            FailDirectory(directory, fault);
            return false;
        }
    }
}

/// <summary>A log directory and what is in it.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Directory">The directory; null where it could not be opened at the start.</param>
/// <param name="Logs">The logs in it; empty where it is offline.</param>
public sealed record DirectoryContent(string Path, LogDirectory? Directory, IReadOnlyList<HostedLog> Logs);

/// <summary>A log in a directory.</summary>
/// <param name="Partition">Whose it is.</param>
/// <param name="Bytes">The bytes of its batches.</param>
/// <param name="Lag">How many offsets it is behind: a copy on its way behind the log it is made of, any other behind
/// the high watermark.</param>
/// <param name="IsFuture">True for a copy that is on its way into the directory (KIP-113).</param>
public sealed record HostedLog(TopicPartition Partition, long Bytes, long Lag, bool IsFuture)
{
    /// <summary>The log of a partition; null while it is offline.</summary>
    internal static HostedLog? Of(PartitionView view) => view.Log is { } log
        ? new(view.Name, log.SizeInBytes, Math.Max(view.HighWatermark - log.End, 0), IsFuture: false)
        : null;

    /// <summary>The copy of a move; null while there is none, or nothing to hold it against.</summary>
    internal static HostedLog? Of(ReplicaMove move) => move.Copied is { } copy && move.Partition.View.Log is { } log
        ? new(move.Partition.View.Name, copy.SizeInBytes, log.End - copy.End, IsFuture: true)
        : null;
}
