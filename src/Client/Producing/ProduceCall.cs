using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Writes Produce requests.</summary>
internal static class ProduceCall
{
    /// <summary>The last version that names topics by name.</summary>
    private const short LastByName = 12;

    /// <summary>The first version whose batches may be zstd's.</summary>
    private const short FirstWithZstd = 7;

    /// <summary>The first version that adds partitions to the transaction by itself (KIP-890).</summary>
    private const short FirstImplicit = 12;

    /// <summary>A request for the batches, grouped by topic.</summary>
    public static ProduceRequest Request(
        ClusterView view, ProducerOptions options, List<(PartitionQueue Queue, ProducerBatch Batch)> batches)
    {
        var request = new ProduceRequest
        {
            TransactionalId = options.TransactionalId,
            Acks = (short)options.Acks,
            TimeoutMs = (int)options.RequestTimeout.TotalMilliseconds,
        };
        foreach (var topic in batches.GroupBy(b => b.Queue.Partition.Topic))
        {
            request.TopicData.Add(new ProduceRequest.TopicProduceData
            {
                Name = topic.Key,
                TopicId = view.Topic(topic.Key)?.Id ?? TopicId.None,
                PartitionData =
                [
                    .. topic.Select(b => new ProduceRequest.PartitionProduceData
                    {
                        Index = b.Queue.Partition.Partition, Records = new RecordBytes(b.Batch.Bytes),
                    }),
                ],
            });
        }

        return request;
    }

    /// <summary>The newest version both sides speak that can carry the request.</summary>
    /// <param name="peer">The broker.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">The producer's options.</param>
    /// <param name="isImplicit">Whether partitions become part of the transaction by the request; null without a
    /// transaction.</param>
    /// <param name="version">The version.</param>
    public static bool TryChoose(
        Peer peer, ProduceRequest request, ProducerOptions options, bool? isImplicit, out short version)
    {
        short? last = request.TopicData.TrueForAll(t => t.TopicId != TopicId.None) ? null : LastByName;
        short? first = options.Compression == CompressionCodec.Zstd ? FirstWithZstd : null;
        if (isImplicit == true)
            first = FirstImplicit;
        else if (isImplicit == false)
            last = FirstImplicit - 1;
        return peer.TryChoose<ProduceRequest>(out version, first, last);
    }

    /// <summary>The parts of an answer by partition; topics go by name or by id, as the version has it.</summary>
    public static Dictionary<TopicPartition, ProduceResponse.PartitionProduceResponse> ByPartition(
        ProduceRequest request, ProduceResponse answer)
    {
        var parts = new Dictionary<TopicPartition, ProduceResponse.PartitionProduceResponse>();
        foreach (var topic in answer.Responses)
        {
            var name = topic.Name.Length > 0
                ? topic.Name
                : request.TopicData.Find(t => t.TopicId == topic.TopicId)?.Name;
            if (name is null)
                continue;
            foreach (var partition in topic.PartitionResponses)
                parts[new TopicPartition(name, partition.Index)] = partition;
        }

        return parts;
    }
}
