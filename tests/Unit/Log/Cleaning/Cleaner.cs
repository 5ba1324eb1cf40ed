using System.Text;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Log;

/// <summary>Short ways to write keyed records and to compact a log.</summary>
internal static class Cleaner
{
    /// <summary>A batch of keys and values, a second apart.</summary>
    public static PendingBatch Keyed(
        (string Key, string? Value)[] records, long timestamp = LogFixture.Start, long producer = -1, short epoch = 0,
        int sequence = 0, bool transactional = false, CompressionCodec codec = CompressionCodec.None,
        long? appendTime = null)
    {
        using var builder = new BatchBuilder();
        for (var i = 0; i < records.Length; i++)
        {
            var value = records[i].Value is { } text ? Encoding.Latin1.GetBytes(text) : null;
            builder.Append(timestamp + (i * 1000), Encoding.Latin1.GetBytes(records[i].Key), value);
        }

        var bytes = builder.Build(new BatchOptions
        {
            Compression = new(codec),
            ProducerId = new(producer),
            ProducerEpoch = producer < 0 ? (short)-1 : epoch,
            BaseSequence = producer < 0 ? -1 : sequence,
            IsTransactional = transactional,
            LogAppendTime = appendTime,
        });
        return new(bytes.ToArray(), new LeaderEpoch(0)) { Guard = VerificationGuard.Waived };
    }

    /// <summary>Where the log stands as far as cleaning goes.</summary>
    public static CleaningPlan Plan(
        PartitionLog log, Offset? cleaned, long nowMs, TimeSpan minLag = default, TimeSpan? maxLag = null) =>
        log.View.PlanCleaning(
            cleaned, log.View.FirstOpenTransaction ?? log.View.End, nowMs, new CleaningLags(minLag, maxLag));

    /// <summary>Compacts a log once; all that may be compacted, unless the map is too small.</summary>
    /// <returns>Up to where it is compacted now.</returns>
    public static Offset Clean(LogFixture fixture, PartitionLog log, Offset? cleaned, int mapBytes = 1 << 16)
    {
        fixture.Flush(log);
        var plan = Plan(log, cleaned, fixture.World.GetUtcNow().ToUnixTimeMilliseconds());
        return Clean(fixture, log, plan, mapBytes);
    }

    /// <summary>Compacts a log by a plan.</summary>
    public static Offset Clean(LogFixture fixture, PartitionLog log, CleaningPlan plan, int mapBytes = 1 << 16)
    {
        var limits = new CleaningLimits(mapBytes, 0.9, 300);
        using var cleaning = log.BeginCleaning(plan, log.RecoveryPoint, limits);
        if (cleaning is null)
            return plan.FirstDirty;
        while (true)
        {
            var step = cleaning.Step(500);
            if (step.IsReady)
                Assert.True(log.TryReplace(cleaning));
            if (!step.IsDone)
                continue;
            fixture.Flush(log);
            Assert.False(cleaning.IsVoid);
            return cleaning.Figures.End;
        }
    }
}
