using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Log;
using Barnabas.Records;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <summary>A journal that is a partition of a topic, as long as this node leads it in one epoch: what the high
/// watermark has passed is committed.</summary>
/// <remarks>What is appended while a batch is on its way goes into the next one: there is one batch under way at a
/// time. When the partition refuses a batch the epoch is over for this journal; whoever leads on reads the partition
/// anew. Records of a transaction go into batches of their own, and so do markers. Whether the log will take them is
/// asked before they are decided on. Owned by its follower's lane.</remarks>
/// <typeparam name="TRecord">What it lists.</typeparam>
/// <param name="host">The machine.</param>
/// <param name="lane">Its lane.</param>
/// <param name="leaderEpoch">The epoch.</param>
/// <param name="settings">Where it is, and how it reads and writes.</param>
/// <param name="codec">What records look like.</param>
public sealed partial class PartitionJournal<TRecord>(
    Host host, Lane lane, int leaderEpoch, PartitionJournalSettings settings, IRecordCodec<TRecord> codec)
    : IJournal<TRecord>
{
    private readonly ILogger _log = host.Log.CreateLogger("Barnabas.Replication.PartitionJournal");
    private readonly Queue<Entry> _waiting = new();
    private IJournalFollower<TRecord>? _follower;
    private Partition? _partition;
    private long _nextOffset;

    /// <summary>The offset after the last record that is committed: where the next batch has to go.</summary>
    private long _written;
    private bool _isWriting;
    private bool _isOver;

    /// <inheritdoc/>
    public long NextOffset => _nextOffset;

    /// <inheritdoc/>
    public async void Follow(IJournalFollower<TRecord> follower)
    {
        Invariant.Holds(_follower is null, "a journal is followed once");
        _follower = follower;
        try
        {
            _partition = await settings.Find();
            await LoadAsync(_partition);
        }
        catch (IOException fault)
        {
            SayNotLoaded(_log, settings.Name, fault.Message);
            GiveUp();
        }
    }

    /// <inheritdoc/>
    public long Append(int epoch, IReadOnlyList<TRecord> records)
    {
        Invariant.Holds(epoch == leaderEpoch && records.Count > 0, "the leader of the epoch appends records");
        if (_isOver)
            throw new IOException("the epoch is over");
        var kept = new List<(byte[] Key, byte[]? Value)>(records.Count);
        RecordTransaction? transaction = null;
        foreach (var record in records)
        {
            if (codec.Write(record) is not { } bytes)
                continue;
            var within = codec.TransactionOf(record);
            Invariant.Holds(kept.Count == 0 || within == transaction, "an append belongs to one transaction");
            transaction = within;
            kept.Add(bytes);
        }

        if (kept.Count == 0)
            return _nextOffset - 1;
        _nextOffset += kept.Count;
        _waiting.Enqueue(new Entry(kept, records, transaction));
        if (!_isWriting)
        {
            _isWriting = true;
            // Posted, so that the follower has put down what it appends before it hears of the commit.
            lane.Post(WriteAsync);
        }

        return _nextOffset - 1;
    }

    private async Task LoadAsync(Partition? partition)
    {
        if (partition?.View is not { Role: PartitionRole.Leader, Log: { } log } view
            || view.LeaderEpoch.Value != leaderEpoch)
        {
            throw new IOException("this node does not lead it");
        }

        var begun = host.Time.GetTimestamp();
        await CommittedAsync(partition, log.End);
        var reader = new JournalReader<TRecord>(log, settings.LoadBufferBytes, codec);
        var at = log.LogStart;
        while (at < log.End && !(at > log.LogStart && host.Has(PlantedBug.LoadCutShort)))
        {
            var from = at;
            var read = await host.Lanes.RunBlockingAsync(() => reader.Read(from));
            foreach (var batch in read.Batches)
                _follower!.OnCommitted(batch);
            at = read.Next;
        }

        // Nobody but this journal writes here, and it begins now. The log may begin after its last record.
        _nextOffset = _written = log.End.Value;
        if (_written > 0)
            _follower!.OnCommitted(new(_written - 1, leaderEpoch, Now(), []));
        SayLoaded(_log, settings.Name, (long)host.Time.GetElapsedTime(begun).TotalMilliseconds);
        _follower!.OnEpoch(leaderEpoch, leads: true);
    }

    private async void WriteAsync()
    {
        using var builder = new BatchBuilder();
        while (_waiting.Count > 0 && !_isOver)
        {
            var records = new List<TRecord>();
            var (batch, count) = Take(builder, records);
            var append = new PendingBatch(batch, LeaderEpoch.None, AppendOrigin.Coordinator)
            {
                Guard = VerificationGuard.Waived,
            };
            var answer = await _partition!.AppendAsync(
                append, untilCommitted: !host.Has(PlantedBug.CommitAnsweredEarly));
            if (answer.Error != ErrorCode.None || answer.BaseOffset.Value != _written)
            {
                SayRefused(_log, settings.Name, answer.Error);
                GiveUp();
                break;
            }

            _written += count;
            _follower!.OnCommitted(new(_written - 1, leaderEpoch, Now(), records));
        }

        _isWriting = false;
    }

    /// <summary>Waits for the high watermark: of the end of the log, which the leader before may not have committed,
    /// nobody is to hear as long as it may be cut off.</summary>
    private async Task CommittedAsync(Partition partition, Offset end)
    {
        while (!host.Has(PlantedBug.UncommittedLoaded))
        {
            var view = partition.View;
            if (view.Role != PartitionRole.Leader || view.LeaderEpoch.Value != leaderEpoch)
                throw new IOException("this node leads it no longer");
            if (view.HighWatermark >= end)
                return;
            using var waiter = new Waiter(host.Time, Timeout.InfiniteTimeSpan);
            partition.Watch(waiter, view);
            await waiter.Woken;
        }
    }

    private (Memory<byte> Batch, int Count) Take(BatchBuilder builder, List<TRecord> records)
    {
        builder.Clear();
        var now = Now();
        var transaction = _waiting.Peek().Transaction;
        while (_waiting.TryPeek(out var entry) && entry.Transaction == transaction
            && (builder.Count == 0 || (builder.Size < settings.BatchBytes && transaction is not { IsEnd: true })))
        {
            _waiting.Dequeue();
            foreach (var (key, value) in entry.Kept)
                builder.Append(now, key, value);
            records.AddRange(entry.Records);
        }

        var built = builder.Build(OptionsOf(transaction));
        return (MemoryMarshal.AsMemory(built), builder.Count);
    }

    private BatchOptions OptionsOf(RecordTransaction? transaction)
    {
        if (transaction is not { } within)
            return new BatchOptions { Compression = settings.Compression };
        return new BatchOptions
        {
            Compression = within.IsEnd ? default : settings.Compression,
            ProducerId = within.ProducerId,
            ProducerEpoch = within.ProducerEpoch,
            // Nobody repeats a coordinator's batch: its sequences are not judged.
            BaseSequence = within.IsEnd ? -1 : 0,
            IsTransactional = true,
            IsControl = within.IsEnd,
        };
    }

    private long Now() => host.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private void GiveUp()
    {
        _isOver = true;
        _waiting.Clear();
        _follower!.OnEpoch(leaderEpoch, leads: false);
    }

    [LoggerMessage(LogLevel.Debug, "{Partition} is loaded, in {Milliseconds} ms")]
    private static partial void SayLoaded(ILogger log, string partition, long milliseconds);

    [LoggerMessage(LogLevel.Warning, "{Partition} cannot be loaded: {Reason}")]
    private static partial void SayNotLoaded(ILogger log, string partition, string reason);

    [LoggerMessage(LogLevel.Warning, "{Partition} took no records ({Error}) and is loaded anew")]
    private static partial void SayRefused(ILogger log, string partition, ErrorCode error);

    /// <summary>An append that waits: what is kept of it, all of it, and the transaction it belongs to.</summary>
    private sealed record Entry(
        IReadOnlyList<(byte[] Key, byte[]? Value)> Kept, IReadOnlyList<TRecord> Records,
        RecordTransaction? Transaction);
}

/// <summary>Where a <see cref="PartitionJournal{TRecord}"/> is, and how it reads and writes.</summary>
/// <param name="Name">The partition, as logs call it.</param>
/// <param name="Find">The partition, once this node has done what the cluster decided; null where it is not
/// here.</param>
/// <param name="Compression">How batches are compressed.</param>
/// <param name="LoadBufferBytes">How much is read at a time.</param>
/// <param name="BatchBytes">How full a batch gets before the next is begun; an append is never torn apart.</param>
public sealed record PartitionJournalSettings(
    string Name, Func<Task<Partition?>> Find, Compression Compression, int LoadBufferBytes, int BatchBytes);
