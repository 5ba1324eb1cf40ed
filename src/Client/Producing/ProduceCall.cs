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

    /// <summary>A request for the batches, grouped by topic.</summary>
    public static ProduceRequest Request(
        ClusterView view, ProducerOptions options, List<(PartitionQueue Queue, ProducerBatch Batch)> batches)
    {
        var request = new ProduceRequest
        {
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
    public static bool TryChoose(Peer peer, ProduceRequest request, ProducerOptions options, out short version)
    {
        short? last = request.TopicData.TrueForAll(t => t.TopicId != TopicId.None) ? null : LastByName;
        short? first = options.Compression == CompressionCodec.Zstd ? FirstWithZstd : null;
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
