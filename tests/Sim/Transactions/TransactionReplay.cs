using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Records;
using Barnabas.Sim;
using Barnabas.Transactions;

namespace Barnabas.Tests.Simulation.Transactions;

/// <summary>Holds what a shard knows against its log, read anew from the beginning.</summary>
internal static class TransactionReplay
{
    /// <summary>Fails where a replay of what is committed gives something else, or where a step is not a legal one
    /// (T1). The disk does not notice.</summary>
    public static void Compare(Shard<TransactionsState, TransactionRecord> shard, SimDisk disk)
    {
        var (live, upTo) = (shard.Held.State, shard.Held.Offset);
        var replayed = TransactionsState.Empty;
        ReadOnlyMemory<byte> log = disk.Peek(
            $"/data/{TopicNames.TransactionState}-{shard.Index}/{new string('0', 20)}.log");
        while (log.Length >= RecordBatch.HeaderSize && new RecordBatch(log.Span) is var batch
            && batch.LastOffset.Value <= upTo)
        {
            foreach (var record in RecordsOf(log.Span[..batch.Size]))
            {
                if (replayed.Find(record.TransactionalId) is { } before && record.After is { } after)
                    Assert.True(before.Status.MayBecome(after.Status), $"T1: {before.Status} became {after.Status}");
                replayed = replayed.Apply(record);
            }

            log = log[batch.Size..];
        }

        Assert.Equal(Describe(replayed), Describe(live));
    }

    private static List<string> Describe(TransactionsState state) =>
    [
        .. state.Transactions.Select(static t => t.Value).Select(static t =>
            $"{t.Id} {t.Identity} {t.PreviousProducerId} {t.NextProducerId} {t.Status} {t.TimeoutMs} {t.Started} "
            + $"{t.Updated} {t.ClientVersion} {string.Join(' ', t.Partitions)}"),
    ];

    private static List<TransactionRecord> RecordsOf(ReadOnlySpan<byte> batch)
    {
        var records = new List<TransactionRecord>();
        Assert.Equal(CodecOutcome.Done, BatchRecords.Open(batch, 1 << 20, out var opened));
        using (opened)
        {
            var reader = opened.Read();
            while (reader.TryRead(out var record))
            {
                ReadOnlyMemory<byte>? value = null;
                if (!record.Value.IsNull)
                    value = record.Value.Span.ToArray();
                records.Add(TransactionRecordCodec.Read(record.Key.Span.ToArray(), value)!);
            }
        }

        return records;
    }
}
