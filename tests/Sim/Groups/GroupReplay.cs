using Barnabas.Cluster;
using Barnabas.Groups;
using Barnabas.Groups.Classic;
using Barnabas.Journal;
using Barnabas.Records;
using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>Holds what a shard knows against its log, read anew from the beginning.</summary>
internal static class GroupReplay
{
    /// <summary>Fails where a replay of what is committed gives something else. The disk does not notice.</summary>
    public static void Compare(Shard<GroupsState, GroupRecord> shard, SimDisk disk)
    {
        var (live, upTo) = (shard.Held.State, shard.Held.Offset);
        var replayed = GroupsState.Empty;
        var segment = $"/data/{TopicNames.ConsumerOffsets}-{shard.Index}/{new string('0', 20)}.log";
        ReadOnlyMemory<byte> log = disk.Peek(segment);
        while (log.Length >= RecordBatch.HeaderSize && new RecordBatch(log.Span) is var batch
            && batch.LastOffset.Value <= upTo)
        {
            replayed = replayed.Apply(RecordsOf(log.Span[..batch.Size]));
            log = log[batch.Size..];
        }

        foreach (var id in live.Groups.Concat(replayed.Groups).Select(static g => g.Key).Distinct())
            Compare(id, live.Find(id), replayed.Find(id));
    }

    private static void Compare(string id, Group? live, Group? replayed)
    {
        Assert.Equal(OffsetsOf(replayed), OffsetsOf(live));
        Assert.Equal(PendingOf(replayed), PendingOf(live));
        if (live?.Membership is not ClassicGroup { Generation: > 0 } now)
        {
            Assert.True(replayed?.Membership is null, $"{id}: its log has members, and it has none");
            return;
        }

        // A rebalance is kept when it is done: until then the last one stands in the log.
        var then = replayed?.Membership as ClassicGroup;
        if (now.State is ClassicState.PreparingRebalance or ClassicState.CompletingRebalance)
            Assert.True((then?.Generation ?? 0) <= now.Generation, $"{id}: its log is ahead of it");
        else
            Assert.Equal(Describe(then), Describe(now));
    }

    private static List<string> OffsetsOf(Group? group) =>
        [.. group?.Offsets.Select(static o => $"{o.Key}: {o.Value}") ?? []];

    private static List<string> PendingOf(Group? group) =>
        [.. group?.Pending.Select(static p => $"{p.Key}: {p.Value}") ?? []];

    private static string Describe(ClassicGroup? group) => group is null ? "nothing" : string.Join(
        '\n',
        group.Members.Select(static m => $"{m.Key} {m.Value.InstanceId} {Convert.ToHexString(m.Value.Assignment.Span)}")
            .Prepend($"{group.State} {group.StateSince} {group.Generation} {group.Protocol} {group.Leader}"));

    private static List<GroupRecord> RecordsOf(ReadOnlySpan<byte> batch)
    {
        var header = new RecordBatch(batch);
        var (producer, epoch) = (header.ProducerId, header.ProducerEpoch);
        var records = new List<GroupRecord>();
        Assert.Equal(CodecOutcome.Done, BatchRecords.Open(batch, 1 << 20, out var opened));
        using (opened)
        {
            var reader = opened.Read();
            while (reader.TryRead(out var record))
            {
                ReadOnlyMemory<byte>? value = null;
                if (!record.Value.IsNull)
                    value = record.Value.Span.ToArray();
                if (header.Attributes.IsControl)
                {
                    Assert.True(ControlRecords.TryReadKey(record.Key.Span, out var type));
                    Assert.True(ControlRecords.TryReadEndTransaction(record.Value.Span, out var coordinatorEpoch));
                    records.Add(new TransactionEnded(
                        producer, epoch, coordinatorEpoch, type == ControlRecordType.Commit));
                    continue;
                }

                var stored = GroupRecordCodec.Read(record.Key.Span.ToArray(), value)!;
                records.Add(header.Attributes.IsTransactional
                    ? new TransactionalRecord(producer, epoch, stored)
                    : stored);
            }
        }

        return records;
    }
}
