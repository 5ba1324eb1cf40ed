using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Server.Apis.Produce;

/// <summary>Judges a produced batch by its topic's rules, changes what the topic wants changed, and appends
/// it.</summary>
/// <remarks>A batch of a transaction is held until its coordinator was asked: see <see cref="HeldBatch"/>.</remarks>
internal sealed class BatchGate(Broker broker)
{
    /// <summary>The client id by which Kafka's tools write to the cluster's own topics.</summary>
    private const string Administrators = "__admin_client";

    /// <summary>Begins the append of a part, holds it, or refuses it.</summary>
    public void Append(ProducePart part, RequestContext context, bool untilCommitted)
    {
        var error = broker.Topics.Find(part.Topic.Name, part.Topic.TopicId, part.Data.Index, out var partition);
        if (partition is null)
        {
            part.Refuse(error, null);
            return;
        }

        if (TopicNames.IsInternal(partition.View.Name.Topic) && context.ClientId != Administrators)
        {
            part.Refuse(ErrorCode.InvalidTopicException, "Cannot append to an internal topic");
            return;
        }

        var view = partition.View;
        error = view.CheckLeader(LeaderEpoch.None);
        if (error != ErrorCode.None)
        {
            part.Refuse(error, null);
            return;
        }

        // The frame is ours alone: offsets, epochs and timestamps are written into it in place.
        var batch = MemoryMarshal.AsMemory(part.Data.Records?.Memory ?? default);
        var rules = Rules(view.Config, context.Version);
        if (!Judge(part, batch.Span, rules, out var replacement))
        {
            if (part.Error == ErrorCode.MessageTooLarge)
                partition.Traffic.RejectedAsTooLarge(batch.Length);
            if (MayBeThere(batch.Span, part.Error))
            {
                var known = new PendingBatch(batch, LeaderEpoch.None) { Refusal = part.Error };
                part.Begin(partition, known, null, rules.UsesLogAppendTime, untilCommitted);
                return;
            }

            partition.Traffic.Produces.Add();
            partition.Traffic.Refused(part.Error);
            return;
        }

        if (new RecordBatch(batch.Span).Attributes.IsTransactional)
        {
            part.Held = new HeldBatch(partition, batch, replacement, rules.UsesLogAppendTime);
            return;
        }

        var pending = new PendingBatch(batch, LeaderEpoch.None);
        part.Begin(partition, pending, replacement, rules.UsesLogAppendTime, untilCommitted);
    }

    // Sizes and timestamps are judged by configs and clocks, which may have been others when the batch came first.
    private static bool MayBeThere(ReadOnlySpan<byte> batch, ErrorCode refusal) =>
        refusal is ErrorCode.MessageTooLarge or ErrorCode.InvalidTimestamp
        && new RecordBatch(batch).ProducerId != ProducerId.None
        && BatchValidator.IsIntact(batch);

    private static bool Judge(ProducePart part, Span<byte> batch, in BatchRules rules, out PooledBytes? replacement)
    {
        replacement = null;
        var verdict = BatchValidator.Validate(batch, rules);
        if (verdict.Error == ErrorCode.None && verdict.Changes != BatchChanges.None)
            verdict = BatchRewriter.Rewrite(batch, verdict, rules, out replacement);
        if (verdict.Error == ErrorCode.None)
            return true;
        part.Refuse(verdict.Error, verdict.Reason);
        part.RecordErrors = verdict.RecordErrors;
        return false;
    }

    private BatchRules Rules(TopicConfig config, short version) => new()
    {
        NowMs = broker.Host.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        ProduceVersion = version,
        MaxMessageBytes = config.MaxMessageBytes,
        KeysAreRequired = config.Compacts,
        UsesLogAppendTime = config.TimestampType == TopicTimestampType.LogAppendTime,
        TimestampBeforeMaxMs = Milliseconds(config.TimestampBeforeMax),
        TimestampAfterMaxMs = Milliseconds(config.TimestampAfterMax),
        Compression = CompressionOf(config),
    };

    private static long Milliseconds(TimeSpan? span) => span is { } s ? (long)s.TotalMilliseconds : long.MaxValue;

    private static Compression? CompressionOf(TopicConfig config) => config.Compression switch
    {
        TopicCompression.Uncompressed => new Compression(CompressionCodec.None),
        TopicCompression.Gzip => new Compression(CompressionCodec.Gzip, config.CompressionLevel),
        TopicCompression.Snappy => new Compression(CompressionCodec.Snappy),
        TopicCompression.Lz4 => new Compression(CompressionCodec.Lz4, config.CompressionLevel),
        TopicCompression.Zstd => new Compression(CompressionCodec.Zstd, config.CompressionLevel),
        _ => null,
    };
}
