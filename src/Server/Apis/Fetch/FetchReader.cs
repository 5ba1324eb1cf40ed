using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Replication;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>One reading of the partitions a fetch asks for: what there is, and whether it is enough to
/// answer.</summary>
/// <param name="topics">Finds partitions by name or id.</param>
/// <param name="terms">How much may be read, and up to where.</param>
internal sealed class FetchReader(TopicDirectory topics, FetchTerms terms)
{
    private readonly List<(FetchPartition Asked, FetchResponse.PartitionData Answer)> _answers = [];
    private readonly List<TopicTraffic?> _traffic = [];
    private readonly List<(Partition Partition, PartitionView Seen, FetchPartition Asked)> _toWatch = [];
    private readonly List<(TopicTraffic Topic, int Partitions)> _quiet = [];

    /// <summary>The answers in the order read.</summary>
    public IReadOnlyList<(FetchPartition Asked, FetchResponse.PartitionData Answer)> Answers => _answers;

    /// <summary>Bytes of records found.</summary>
    public int Bytes { get; private set; }

    /// <summary>What is wrong on purpose.</summary>
    public PlantedBug Planted => terms.Planted;

    /// <summary>Bytes of records found that count against the quota of throttled replicas.</summary>
    public long ThrottledBytes { get; private set; }

    /// <summary>True when there is something that the client should hear of at once: an error, where logs part, a
    /// nearer replica, or what it does not know yet of offsets.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Reads each partition in turn until the request's bytes are used up; those that come too late are
    /// answered without records.</summary>
    /// <param name="partitions">What is asked for, those first in line first.</param>
    /// <param name="mayWait">True where whoever asks would wait for more.</param>
    public void Read(IEnumerable<FetchPartition> partitions, bool mayWait)
    {
        foreach (var asked in partitions)
        {
            if (asked.IsQuiet && Skips(asked, mayWait))
                continue;
            asked.BeginReading();
            var error = topics.Find(asked.Topic, asked.TopicId, asked.Partition, out var partition);
            var answer = partition is null ? Failed(asked, error) : Read(partition, asked, mayWait);
            IsUrgent |= answer.ErrorCode != ErrorCode.None || answer.DivergingEpoch.EndOffset != Offset.None
                || answer.PreferredReadReplica != BrokerId.None;
            Bytes += answer.Records?.Length ?? 0;
            _answers.Add((asked, answer));
            _traffic.Add(partition?.Traffic);
        }
    }

    /// <summary>Counts what was read, which is going to be sent.</summary>
    public void Count()
    {
        for (var i = 0; i < _answers.Count; i++)
            _traffic[i]?.Fetched(_answers[i].Answer.ErrorCode, _answers[i].Answer.Records?.Length ?? 0);
        foreach (var (topic, partitions) in _quiet)
            topic.Fetches.Add(partitions);
    }

    /// <summary>Wakes somebody when one of the partitions is no longer as it was read.</summary>
    /// <param name="waiter">Who waits.</param>
    /// <param name="bySession">True where the watches that its session keeps wake it.</param>
    public void Watch(Waiter waiter, bool bySession)
    {
        foreach (var (partition, seen, asked) in _toWatch)
        {
            if (bySession && terms.Following is null)
            {
                asked.Watch(partition, seen);
                continue;
            }

            if (terms.Following is not null)
                partition.WatchEnd(waiter, seen);
            if (terms.Following?.TellsWatermark != false)
                partition.Watch(waiter, seen);
        }
    }

    /// <summary>Lets go of what was read and is not going to be sent.</summary>
    public void Release()
    {
        foreach (var (_, answer) in _answers)
        {
            foreach (var slice in answer.Records?.Slices ?? [])
                slice.File.Release();
        }

        _answers.Clear();
        _traffic.Clear();
        _quiet.Clear();
        (Bytes, ThrottledBytes, IsUrgent) = (0, 0, false);
    }

    /// <summary>Passes over a partition of which there is nothing to tell; false where it has to be read.</summary>
    private bool Skips(FetchPartition asked, bool mayWait)
    {
        if (asked.Found is not { } found || !found.Holds(terms))
            return false;
        if (mayWait)
            _toWatch.Add((found.Partition, found.View, asked));
        var topic = found.Partition.Traffic;
        if (_quiet.Count > 0 && _quiet[^1].Topic == topic)
            _quiet[^1] = (topic, _quiet[^1].Partitions + 1);
        else
            _quiet.Add((topic, 1));
        return true;
    }

    private FetchResponse.PartitionData Read(
        Partition partition, FetchPartition asked, bool mayWait, bool again = false)
    {
        var view = partition.View;
        var error = terms.FromFollowers
            ? view.CheckReplica(asked.CurrentLeaderEpoch)
            : view.CheckLeader(asked.CurrentLeaderEpoch);
        if (error == ErrorCode.None && terms.Following is { Replica: var replica })
            error = replica.Check(view, asked);
        if (error != ErrorCode.None || view.Log is not { } log)
            return Failed(asked, error);

        var answer = Begin(asked, view, log);
        if (terms.Nearest?.TryGetValue(asked, out var nearest) == true)
        {
            answer.PreferredReadReplica = nearest;
            return answer;
        }

        if (Diverges(asked, view, answer))
            return answer;

        var upTo = Bound(view, log);
        // Above the watermark a client may stand that was told of an offset before that was committed (acks=1).
        if (asked.FetchOffset > log.End || asked.FetchOffset < log.LogStart)
            return OutOfRange(asked, view);
        var isThrottled = terms.Following?.IsThrottled(view) == true;
        var isHeldBack = isThrottled && terms.Following!.HasToWait(view);
        Follow(partition, view, asked, mayWait && !isHeldBack);
        if (isHeldBack)
            return answer;
        var left = terms.MaxBytes - Bytes;
        if (asked.FetchOffset >= upTo)
        {
            // A reader at the end: it hears of the same until the partition is another.
            if (terms.MayPassOver && asked.Poll is not null)
                asked.Found = new EmptyReading(partition, view, terms.ReadCommitted, terms.FromFollowers);
            return answer;
        }

        if (left <= 0 && Bytes > 0)
            return answer;

        var read = ReadLog(partition, log, asked.FetchOffset, upTo, Math.Min(asked.MaxBytes, left));
        if (read.Error == ErrorCode.OffsetOutOfRange)
            return OutOfRange(asked, view);
        // The files of a log that was replaced meanwhile are closed; those of the one in its place are not.
        if (read.Error == ErrorCode.KafkaStorageError && !again && partition.View.Log != log)
            return Read(partition, asked, mayWait, again: true);
        if (read.Error != ErrorCode.None)
            return Failed(asked, read.Error);
        if (read.Slices.Count == 0)
            return answer;
        var records = new RecordBytes(read.Slices);
        answer.Records = records;
        ThrottledBytes += isThrottled ? records.Length : 0;
        if (terms.ReadCommitted)
        {
            var aborted = log.AbortedTransactions(asked.FetchOffset, read.NextOffset);
            NameAborted(answer, Planted == PlantedBug.AbortedListCutShort ? [.. aborted.SkipLast(1)] : aborted);
        }

        return answer;
    }

    private FetchResponse.PartitionData Begin(FetchPartition asked, PartitionView view, LogView log) => new()
    {
        PartitionIndex = asked.Partition,
        HighWatermark = view.HighWatermark,
        LastStableOffset = view.LastStableOffset,
        LogStartOffset = log.LogStart,
        AbortedTransactions = terms.ReadCommitted ? [] : null,
        Records = new RecordBytes(ReadOnlyMemory<byte>.Empty),
    };

    private Offset Bound(PartitionView view, LogView log)
    {
        if (terms.Following is not null || Planted == PlantedBug.ReadBeyondWatermark)
            return log.End;
        return terms.ReadCommitted ? view.LastStableOffset : view.HighWatermark;
    }

    private LogRead ReadLog(Partition partition, LogView log, Offset from, Offset upTo, int maxBytes)
    {
        try
        {
            var read = log.Read(from, upTo, maxBytes, atLeastOneBatch: Bytes == 0);
            if (read.IsDamaged)
                partition.FoundDamaged(from);
            return read;
        }
        catch (IOException fault)
        {
            partition.ReadFailed(fault);
            return LogRead.Refused;
        }
    }

    private void Follow(Partition partition, PartitionView view, FetchPartition asked, bool mayWait)
    {
        if (mayWait)
            _toWatch.Add((partition, view, asked));
        if (terms.Following is not { Replica: var replica })
            return;
        // Before it waits: what it has may be all that others wait for.
        if (asked.HasNewsOf(view, replica))
        {
            partition.Note(new FollowerFetch(
                replica.Id, replica.Epoch, view.LeaderEpoch, asked.FetchOffset, asked.LogStart));
        }

        IsUrgent |= mayWait && asked.IsBehind(view, terms.Following.TellsWatermark);
    }

    // A client whose last record came from a leader that lost has to cut its log back (KIP-320, KIP-595).
    private static bool Diverges(FetchPartition asked, PartitionView view, FetchResponse.PartitionData answer)
    {
        if (asked.LastFetchedEpoch == LeaderEpoch.None || view.Log is not { } log)
            return false;
        var (epoch, end) = log.Epochs.EndOf(asked.LastFetchedEpoch, log.End) ?? (LeaderEpoch.None, Offset.None);
        if (epoch == asked.LastFetchedEpoch && end >= asked.FetchOffset)
            return false;
        answer.DivergingEpoch = new() { Epoch = epoch, EndOffset = end };
        return true;
    }

    // A read_committed consumer drops the records of these producers, from those offsets on (KIP-98).
    private static void NameAborted(FetchResponse.PartitionData answer, IReadOnlyList<AbortedTransaction> aborted)
    {
        foreach (var transaction in aborted)
        {
            answer.AbortedTransactions?.Add(
                new() { ProducerId = transaction.ProducerId, FirstOffset = transaction.FirstOffset });
        }
    }

    private static FetchResponse.PartitionData Failed(FetchPartition asked, ErrorCode error) => new()
    {
        PartitionIndex = asked.Partition,
        ErrorCode = error,
        HighWatermark = Offset.None,
        Records = new RecordBytes(ReadOnlyMemory<byte>.Empty),
    };

    private FetchResponse.PartitionData OutOfRange(FetchPartition asked, PartitionView view)
    {
        if (asked.FetchOffset > view.Log!.End && MayBeBehind(asked, view))
            return Failed(asked, ErrorCode.NotLeaderOrFollower);
        var answer = Failed(asked, ErrorCode.OffsetOutOfRange);
        answer.HighWatermark = view.HighWatermark;
        answer.LogStartOffset = view.Log.LogStart;
        return answer;
    }

    // A client that knows no epochs comes here with old metadata, from a leader that has more: told that its offset is
    // out of range, it would begin anew (KAFKA-14255).
    private bool MayBeBehind(FetchPartition asked, PartitionView view) =>
        terms.Following is null && asked.CurrentLeaderEpoch == LeaderEpoch.None
        && (view.Role != PartitionRole.Leader || terms.MayBeFenced?.Invoke() == true);
}

/// <summary>The bounds of one fetch.</summary>
/// <param name="MaxBytes">Of all partitions; exceeded only by the first batch of the first that has one.</param>
/// <param name="ReadCommitted">True to stop at the last stable offset.</param>
internal readonly record struct FetchTerms(int MaxBytes, bool ReadCommitted)
{
    /// <summary>What the fetches of a follower go by; null for a client.</summary>
    public FollowingTerms? Following { get; init; }

    /// <summary>True where a client may read from a follower: up to the high watermark that this one knows
    /// (KIP-392).</summary>
    public bool FromFollowers { get; init; }

    /// <summary>The replicas to send a client to instead of answering it; null for none.</summary>
    public IReadOnlyDictionary<FetchPartition, BrokerId>? Nearest { get; init; }

    /// <summary>Tells whether others may lead by now what is led here; null for never.</summary>
    public Func<bool>? MayBeFenced { get; init; }

    /// <summary>What is wrong on purpose.</summary>
    public PlantedBug Planted { get; init; }

    /// <summary>True where a partition that is as it was need not be read again. A follower's fetch is noted, and
    /// nearer replicas come and go without the partition.</summary>
    public bool MayPassOver => Following is null && Nearest is null;
}
